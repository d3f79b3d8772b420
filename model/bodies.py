"""The bodies of a district: committees and their posts, companies, offices, departments, organisations."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import (
    Committees,
    CommunityWorkers,
    Departments,
    Organisations,
    OwnersCommittees,
    PropertyCompanies,
    Subdistricts,
)
from ..agents.columns import allocate
from ..agents.committee import TEN_THOUSAND
from ..agents.rules import clip01, exp
from . import levers
from .compiled import kernel
from .draws import Stream, normal, uniforms
from .structure import Communities, ranges

if TYPE_CHECKING:
    from .community_model import CommunityModel

LATER_NGOS = 8  # rows kept for NGOs yet to be founded, and as many again as there are at first
POST_BITS = 10  # a post's id is the community's, shifted, plus its place
BODY_TAG = 60  # ids of committees, offices and organisations carry a tag in the top bits

ORGANISATION = int(Stream.ORGANISATION)


def build(model: "CommunityModel", profile: Any) -> None:
    """Committees, property companies, owners' committees, offices, departments and organisations."""
    count = len(model.communities.id)
    rows = np.arange(count, dtype=np.int32)
    ids = model.communities.id.astype(np.uint64)
    model.committees = allocate(Committees, count)
    model.property_companies = allocate(PropertyCompanies, count)
    model.owners_committees = allocate(OwnersCommittees, count)
    for tag, table in enumerate((model.committees, model.property_companies, model.owners_committees), start=1):
        table.id[:] = (np.uint64(tag) << np.uint64(BODY_TAG)) + ids
        table.community[:] = rows
    model.committees.skill[:] = model.parameters["staff_skill"]
    firms = np.rint(model.parameters["firms_per_community"]).astype(np.int64)
    ngos = np.rint(model.parameters["ngos_per_community"]).astype(np.int64)
    ranges(model.communities.organisation_start, model.communities.organisation_stop, firms + 2 * ngos + LATER_NGOS)
    model.organisations = allocate(Organisations, int(model.communities.organisation_stop[-1]))
    fill_bodies(
        model.communities,
        model.property_companies,
        model.owners_committees,
        model.organisations,
        ngos,
        firms,
        profile,
        model.parameters,
    )
    _posts(model)
    _offices(model)


def _posts(model: "CommunityModel") -> None:
    """Rows for as many posts as the highest norm could pay for; the process effort opens and fills them."""
    communities, count = model.communities, len(model.communities.id)
    residents = communities.resident_stop - communities.resident_start - communities.empty_places
    most = np.ceil(levers.find("staff_per_10000").high * residents / TEN_THOUSAND).astype(np.int64)
    posts = np.maximum(most, model.parameters["least_posts"].astype(np.int64))
    ranges(communities.post_start, communities.post_stop, posts)
    model.workers = allocate(CommunityWorkers, int(posts.sum()))
    owner = np.repeat(np.arange(count), posts)
    place = np.arange(len(owner)) - communities.post_start[owner]
    key = (communities.id[owner].astype(np.uint64) << np.uint64(POST_BITS)) + place.astype(np.uint64)
    model.workers.id[:] = (np.uint64(7) << np.uint64(BODY_TAG)) + key
    model.workers.community[:] = owner


def _offices(model: "CommunityModel") -> None:
    communities, count = model.communities, model.district.subdistricts
    residents = communities.resident_stop - communities.resident_start - communities.empty_places
    model.subdistricts = allocate(Subdistricts, count)
    first = np.array([int(np.flatnonzero(communities.subdistrict == s)[0]) for s in range(count)])
    departments = np.rint(model.parameters["departments_per_subdistrict"][first]).astype(np.int64)
    model.subdistricts.id[:] = (np.uint64(5) << np.uint64(BODY_TAG)) + np.arange(count, dtype=np.uint64)
    model.subdistricts.seed[:] = communities.seed[first]
    model.subdistricts.community[:] = first
    model.subdistricts.departments[:] = departments
    model.departments = allocate(Departments, int(departments.sum()))
    owner = np.repeat(np.arange(count), departments)
    served = np.array([residents[communities.subdistrict == s].sum() for s in range(count)])
    hours = model.parameters["department_hours"][first] * served / 1000.0 / departments
    model.departments.id[:] = (np.uint64(6) << np.uint64(BODY_TAG)) + np.arange(len(owner), dtype=np.uint64)
    model.departments.subdistrict[:] = owner
    model.departments.community[:] = first[owner]
    model.departments.weekly_hours[:] = hours[owner]


@kernel
def fill_bodies(
    communities: Communities,
    companies: PropertyCompanies,
    owners: OwnersCommittees,
    organisations: Organisations,
    ngos: Any,
    firms: Any,
    profile: Any,
    parameters: Any,
) -> None:
    """Draw the bodies of each community: quality of property management, owners' committee, NGOs and firms."""
    for c in range(len(communities.seed)):
        seed = communities.seed[c]
        u = uniforms(seed, ORGANISATION, 0, companies.id[c], 0)
        companies.quality[c] = clip01(profile[c].property_quality + parameters[c].property_spread * normal(u[0]))
        owners.exists[c] = u[1] < profile[c].owners_committee_share
        for o in range(communities.organisation_start[c], communities.organisation_stop[c]):
            place = o - communities.organisation_start[c]
            key = (np.uint64(4) << np.uint64(BODY_TAG)) + (np.uint64(communities.id[c]) << np.uint64(10))
            key = key + np.uint64(place)
            w = uniforms(seed, ORGANISATION, 0, key, 0)
            organisations.id[o] = key
            organisations.community[o] = c
            organisations.kind[o] = 1 if ngos[c] <= place < ngos[c] + firms[c] else 0
            organisations.active[o] = place < ngos[c] + firms[c]
            organisations.size[o] = exp(parameters[c].organisation_spread * normal(w[0]))
