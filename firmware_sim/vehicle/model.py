"""Which autopilot it is, and the figures in which PX4 and ArduPilot differ.

Rates in payload bytes a second were measured on real firmware behind a pty (docs/simulator.md).
"""

from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["px4", "ardupilot"]
SECOND_US: Final = 1_000_000
LOG_DATA_B_S: Final[dict[Kind, int]] = {"px4": 770_000, "ardupilot": 312_000}
FTP_B_S: Final[dict[Kind, int]] = {"px4": 12_000, "ardupilot": 44_000}
RELEASE: Final = 255
# Versions whose FTP session dies after 4.7 s (PX4-Autopilot issue 26780).
_CUT: Final = ((1, 16), (1, 17))


@dataclass(frozen=True)
class Version:
    """`flight_sw_version`: type 0 is a development build, 255 a release."""

    major: int
    minor: int
    patch: int = 0
    type: int = RELEASE

    def packed(self) -> int:
        """As AUTOPILOT_VERSION carries it."""
        return self.major << 24 | self.minor << 16 | self.patch << 8 | self.type


DEFAULT_VERSION: Final[dict[Kind, Version]] = {
    "px4": Version(1, 16, 0),
    "ardupilot": Version(4, 7, 0, 0),
}
DEFAULT_UID: Final[dict[Kind, bytes]] = {
    "px4": bytes.fromhex("4954414c44494e4f"),
    "ardupilot": bytes.fromhex("3938470d35353135003a0027"),
}


@dataclass(frozen=True)
class Model:
    """One autopilot."""

    kind: Kind = "px4"
    system: int = 1
    uid: bytes = b""
    """At most 18 bytes. PX4 sends the last 8 as `uid`, and more than that as `uid2` too."""
    version: Version | None = None
    vendor_version: tuple[int, int, int] | None = None
    git_hash: str = "6ea3539157a1e6dd"
    banner: str | None = None
    """What ArduPilot calls itself; vendors change it."""
    board_paths: bool = True
    """Logs lie where boards have them: /fs/microsd/log, /APM/LOGS; simulations: /log, /logs."""
    ftp_b_s: int | None = None
    log_data_b_s: int | None = None
    attitude_hz: float = 4.0
    mavlink: int = 2
    boot_s: float = 3.0
    airborne_s: float = 5400.0
    """Flown by this autopilot before now."""
    boots: int = 41
    flights: int = 17
    foreign: tuple[int, ...] = field(default=())
    """Systems of other autopilots on the same link."""
    alone: bool = False
    """No ground station, gimbal or camera is heard on the link."""

    @property
    def px4(self) -> bool:
        """Whether it is PX4."""
        return self.kind == "px4"

    @property
    def identity(self) -> bytes:
        """Its uid, or that of simulated PX4s, or one as boards with ArduPilot have them."""
        return self.uid or DEFAULT_UID[self.kind]

    @property
    def sw_version(self) -> Version:
        """What it runs."""
        return self.version or DEFAULT_VERSION[self.kind]

    @property
    def ftp_rate(self) -> int:
        """Payload bytes a second, line permitting."""
        return self.ftp_b_s or FTP_B_S[self.kind]

    @property
    def log_data_rate(self) -> int:
        """Payload bytes a second, line permitting."""
        return self.log_data_b_s or LOG_DATA_B_S[self.kind]

    @property
    def session_limit_us(self) -> int | None:
        """How long a session of FTP lives."""
        cut = self.px4 and (self.sw_version.major, self.sw_version.minor) in _CUT
        return 4_700_000 if cut else None
