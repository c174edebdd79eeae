# Runs the Autobahn fuzzing client under Jython: fuzzingclient.py SUITE SPECIFICATION
import sys

suite, specification = sys.argv[1:]
sys.path.insert(0, suite)
sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', specification]

from autobahntestsuite import wstest

wstest.run()
