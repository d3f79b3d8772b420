"""Who they are and how they decide."""

from .committee import Committees, ResidentsCommittee
from .community_worker import CommunityWorker, CommunityWorkers
from .firm import Firm
from .household import Household, Households
from .ngo import NGO, Organisations
from .paying import FeePayer, FeePayers
from .property_company import OwnersCommittee, OwnersCommittees, PropertyCompanies, PropertyCompany
from .resident import Resident, Residents
from .subdistrict import Department, Departments, SubdistrictOffice, Subdistricts
from .unit_head import UnitHead, Units
from .view import AgentView

__all__ = [
    "NGO",
    "AgentView",
    "Committees",
    "CommunityWorker",
    "CommunityWorkers",
    "Department",
    "Departments",
    "FeePayer",
    "FeePayers",
    "Firm",
    "Household",
    "Households",
    "Organisations",
    "OwnersCommittee",
    "OwnersCommittees",
    "PropertyCompanies",
    "PropertyCompany",
    "Resident",
    "Residents",
    "ResidentsCommittee",
    "SubdistrictOffice",
    "Subdistricts",
    "UnitHead",
    "Units",
]
