"""Everything that the checkout runs with is in the wheel."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
FOLDERS = SETUPTOOLS["package-dir"]
GLOBS = [(name, glob) for name, globs in SETUPTOOLS["package-data"].items() for glob in globs]
DATA = {
    ".conf", ".css", ".csv", ".example", ".html", ".json", ".rules", ".service", ".sql", ".toml",
    ".txt", ".yaml",
}  # fmt: skip
WHOLE_FOLDERS = {"mosquitto", "templates"}


def folder_of(package):
    """Where windsock.x.y lies."""
    _, top, *rest = package.split(".")
    return ROOT.joinpath(FOLDERS[f"windsock.{top}"], *rest)


def test_no_package_is_forgotten():
    found = {
        ".".join(("windsock", *init.parent.relative_to(ROOT).parts))
        for folder in FOLDERS.values()
        for init in (ROOT / folder).rglob("__init__.py")
    }

    assert found == set(SETUPTOOLS["packages"])


@pytest.mark.parametrize(("package", "glob"), GLOBS)
def test_package_data_is_there(package, glob):
    assert any(folder_of(package).glob(glob)), f"nothing matches {glob}"


def test_the_wheel_has_every_module_and_data_file(tmp_path):
    source = tmp_path / "source"
    source.mkdir()  # a copy: setuptools would mix in what older builds left beside the original
    for name in ["pyproject.toml", "README.md", "LICENSE"]:
        shutil.copy(ROOT / name, source)
    for folder in FOLDERS.values():
        shutil.copytree(ROOT / folder, source / folder)

    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path]
    done = subprocess.run([*build, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    (wheel,) = tmp_path.glob("*.whl")
    wanted = {
        f"windsock/{path.relative_to(source)}"
        for folder in FOLDERS.values()
        for path in (source / folder).rglob("*")
        if path.suffix in {".py", *DATA} or path.parent.name in WHOLE_FOLDERS
    }
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()
