"""Known holes in packages of others: the data of public lists, kept by this user, and what of it fits a package.

Reading and matching import nothing but the standard library (and `packaging` for Python's versions), because tables
use them. Importing and fetching are used by the command line only.
"""
