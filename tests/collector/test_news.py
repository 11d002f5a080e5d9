"""Nothing that was told goes unjudged, and what came together is judged together."""

import threading

from windsock.collector.news import News

LONG_S = 1e6
"""Longer than any test: news has to end it."""


def test_what_is_told_during_a_round_is_awaited_no_longer():
    news, gathered = News(), []
    for rounds in range(3):
        news.tell()  # while the round before is made
        news.wait(LONG_S, lambda: gathered.append("more"))
        assert len(gathered) == rounds + 1


def test_what_comes_while_more_is_gathered_belongs_to_the_next_round():
    news, gathered = News(), []
    news.tell()
    news.wait(LONG_S, news.tell)

    news.wait(0, lambda: gathered.append("more"))

    assert not gathered, "it was judged with the first"


def test_without_news_the_rest_passes_and_nothing_is_gathered():
    gathered = []
    News().wait(0, lambda: gathered.append("more"))
    assert not gathered


def test_news_from_another_thread_ends_the_rest():
    news, gathered = News(), []
    threading.Timer(0.01, news.tell).start()
    news.wait(LONG_S, lambda: gathered.append("more"))
    assert gathered
