"""Names of the streams of random draws: one a decision, in one place. :mod:`shequ.model.draws` says why."""

from enum import IntEnum


class Stream(IntEnum):
    """One stream a decision; a number once given is never reused."""

    POPULATION = 1
    HOUSEHOLD = 2
    NETWORK = 3
    ORGANISATION = 4
    FIDELITY = 5
    ROLLOUT = 6
    PARTICIPATION = 10
    ASK = 11
    UNIT_ACTIVITY = 12
    SMALL_TASK = 13
    VOTE = 14
    COMMUNITY_EVENT = 15
    GRIEVANCE = 20
    CLAIM = 21
    CHANNEL = 22
    ISSUE_WORK = 23
    ISSUE_OUTCOME = 24
    ISSUE_PATIENCE = 25
    FACILITY_FAILURE = 26
    HEAD_EXIT = 30
    HEAD_RECRUIT = 31
    HEAD_TRAIN = 32
    HEAD_DUTY = 33
    SERVICE_REQUEST = 40
    SERVICE_CHOICE = 41
    NEED_SURVEY = 54
    SURVEY_ANSWER = 55
    ROOM_USE = 56
    DONATION = 42
    FEE = 43
    OWNERS_VOTE = 44
    OWNERS_COMMITTEE = 45
    PROPERTY_COMPANY = 46
    REPORTING = 50
    JOIN = 60
    SERVICE_PROJECT = 61
    CONTEST = 62
    NGO_EXIT = 63
    FOUNDING = 64
    PROVISION = 65
    FIRM_TURNOVER = 66
    ADOPTION = 70
    AWARENESS = 71
    DIGITAL_TRAINING = 72
    CLAIM_PATH = 73
    SENSOR = 74
    ATTITUDE = 80
    TIE = 81
    SURVEY = 90
    MOVING = 91
    LIFE = 92
    STAY = 93
    PROJECT_PROPOSAL = 110
    PROJECT_STAGE = 111
    PROJECT_MOOD = 112
    PROJECT_ANSWER = 113
    POLICY_CHURN = 120
    POLICY_ADOPTION = 121
    STAFF = 51
    REPORTED_RATE = 52
    JOINT_MATTER = 53
    WARNING_LINK = 100
    WARNING_CHANNEL = 101
    WARNING_TIE = 102
    WARNING_CHOICE = 103
    EMERGENCY_NEED = 104
    EMERGENCY_VISIT = 105
    STOCK = 106
