"""Founding an organization: the control plane's rows in one transaction, then its restaurant in a few units of work.

A founding that was killed is finished by founding again: every unit writes what is missing and leaves alone what is
there, also what somebody has changed since. So a longer plan adds to an organization that was founded from a shorter
one, and no plan ever takes anything away.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.commands import create_account
from cloud.accounts.passwords import Passwords, normal_email
from cloud.control.commands import create_organization
from cloud.control.records import Account, ControlOrganization, DeviceKey, Pairing
from cloud.database.transaction import ControlSession, Database, WriteSession, enter_organization
from cloud.enrolment.codes import shown
from cloud.enrolment.commands import Enrolment
from cloud.founding.plan import BranchPlan, DevicePlan, Plan
from cloud.founding.steps import PlanIds, Step, modifier_names, steps
from cloud.founding.walk import shelves
from cloud.kernel.problem import Problem
from cloud.replication.units import CloudUnits
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import SYSTEM, Role
from shared.menu.records import Item, Modifier
from shared.payments.records import PaymentMethod
from shared.staff.pins import HashedPin, hashed_pin
from shared.staff.records import StaffMember
from shared.tenancy.records import Branch, DeviceKind, Organization

MOST_RECORDS = 300
"""In one unit of work: some 100 ms, so that the organization's devices and a second founding wait no longer."""
SALT_BYTES = 16
