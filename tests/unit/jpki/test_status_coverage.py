"""A certificate has to be asked about where somebody answers and no list here tells of it."""

import pytest

from idp.jpki.status_coverage import WHOLE_AUTHORITY, StatusCoverage

MINE, OTHER, PARTITION = b"m" * 32, b"o" * 32, b"p" * 32


@pytest.mark.parametrize(
    ("askable", "listed", "is_askable"),
    [
        ([], {}, False),
        ([MINE], {}, True),
        ([MINE], {OTHER: [WHOLE_AUTHORITY]}, True),
        ([MINE], {MINE: [PARTITION]}, True),
        ([MINE], {MINE: [PARTITION, WHOLE_AUTHORITY]}, False),
        ([OTHER], {}, False),
    ],
)
def test_an_authority_is_asked_unless_one_list_has_all_of_it(askable, listed, is_askable):
    coverage = StatusCoverage(frozenset(askable), listed)
    assert coverage.is_askable(MINE) is is_askable


def test_an_installation_without_such_an_authority_has_no_questions():
    assert not StatusCoverage().has_questions()
    assert not StatusCoverage(frozenset([MINE]), {MINE: [WHOLE_AUTHORITY]}).has_questions()
    assert StatusCoverage(frozenset([MINE, OTHER]), {MINE: [WHOLE_AUTHORITY]}).has_questions()


@pytest.mark.parametrize(
    ("listed", "partitions", "is_listed"),
    [
        ([], [PARTITION], False),
        ([PARTITION], [], False),
        ([PARTITION], [b"q" * 32], False),
        ([PARTITION], [b"q" * 32, PARTITION], True),
        ([WHOLE_AUTHORITY], [], True),
    ],
)
def test_a_list_tells_of_the_certificates_of_its_partition(listed, partitions, is_listed):
    coverage = StatusCoverage(frozenset([MINE]), {MINE: listed})
    assert coverage.is_listed(MINE, partitions) is is_listed
    assert not coverage.is_listed(OTHER, partitions)
