"""contract.md section 3: the version parameter."""
import datetime
import sys

from common import ORG, TENANT, an_asset, check, equal, expect, main, viewer

TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def served(version):
    return expect(viewer.get(ORG, {} if version is None else {"version": version}), 200).headers


def test_3_the_latest_release_on_or_before_the_date_serves():
    for version in ("2024-10-15", "2024-10-16", "2024-12-31", str(TODAY)):
        headers = served(version)
        equal(headers["snyk-version-requested"], version, "requested")
        equal(headers["snyk-version-served"], "2024-10-15~beta", "served")
        equal(headers["snyk-version-lifecycle-stage"], "beta", "stage")


def test_3_absent_means_the_latest():
    equal(served(None)["snyk-version-served"], "2024-10-15~beta", "served")


def test_3_not_of_the_form_is_400():
    for version in ("", "2024", "2024-10", "2024-10-5", "2024-1-15", "24-10-15", "2024/10/15",
                    "20241015", "latest", "beta", " 2024-10-15", "2024-10-15 ", "2024-10-15~",
                    "2024-10-15T00:00:00Z", "+024-10-15", "２０２４-10-15"):
        expect(viewer.get(ORG, {"version": version}),
               400,
               code="invalid-version",
               parameter="version")


def test_3_not_a_date_is_400():
    for version in ("2024-13-01", "2024-00-10", "2025-02-29", "2024-02-30", "2024-11-31",
                    "2024-10-00", "0000-01-01"):
        expect(viewer.get(ORG, {"version": version}),
               400,
               code="invalid-version",
               parameter="version")


def test_3_after_today_is_400():
    for days in (2, 400, 40000):
        expect(viewer.get(ORG, {"version": TODAY + datetime.timedelta(days)}),
               400,
               code="invalid-version",
               parameter="version")


def test_3_before_the_first_release_is_404():
    for version in ("2024-10-14", "2024-02-29", "2000-01-01", "0001-01-01"):
        answer = expect(viewer.get(ORG, {"version": version}), 404, code="unknown-version")
        check("no matching" in (answer.error["title"] + answer.error["detail"]).lower(),
              "no matching version")


def test_3_every_operation_takes_it():
    for path in (TENANT, f"{ORG}/{an_asset()['id']}", f"{ORG}/groups", f"{ORG}/filters"):
        expect(viewer.get(path, {"version": "2024-10-15"}), 200)
        expect(viewer.get(path, {"version": "2024-10-14"}), 404, code="unknown-version")
        expect(viewer.get(path, {"version": "x"}), 400, code="invalid-version")


def test_3_links_repeat_it():
    answer = viewer.get(ORG, {"version": "2024-10-16"})
    for link in list(answer.links.values()) + [item["links"]["self"] for item in answer.data]:
        check("version=2024-10-16" in link, link)


if __name__ == "__main__":
    sys.exit(main(globals()))
