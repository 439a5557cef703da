# sqlcipher3 is sqlite3 of the standard library, linked with another SQLite: its classes have the same methods.
from sqlite3.dbapi2 import Connection as Connection
from sqlite3.dbapi2 import Cursor as Cursor
from sqlite3.dbapi2 import Error as Error
from sqlite3.dbapi2 import OperationalError as OperationalError
from sqlite3.dbapi2 import connect as connect
from sqlite3.dbapi2 import sqlite_version as sqlite_version
from sqlite3.dbapi2 import sqlite_version_info as sqlite_version_info
