# Runs the Autobahn fuzzing server under Jython on a free port: fuzzingserver.py SUITE SPECIFICATION PORT_FILE
import errno
import json
import os
import sys

suite, specification, port_file = sys.argv[1:]
sys.path.insert(0, suite)

from autobahntestsuite import choosereactor
from autobahntestsuite.fuzzing import FuzzingServerFactory
from twisted.internet import reactor
import _socket

send_as_jython_does = _socket._realsocket.send.__func__


# Jython answers 0 bytes for ever when a connection is written to that the peer has closed. Twisted then tries again for ever, is
# never told that the connection is lost, and no verdict is written on any case that ends so. POSIX says EPIPE, which it knows.
def send(self, data, flags=0):
    if self.channel_closed:
        raise _socket.error(errno.EPIPE, 'the peer has closed the connection')
    return send_as_jython_does(self, data, flags)


_socket._realsocket.send = send

factory = FuzzingServerFactory(json.loads(open(specification).read()))
listening = reactor.listenTCP(0, factory, interface='127.0.0.1')
# The factory compares this with the port in the client's Host header.
factory.port = factory.externalPort = listening.getHost().port

unfinished = port_file + '.unfinished'
with open(unfinished, 'w') as out:
    out.write(str(factory.port))
os.rename(unfinished, port_file)

reactor.run()
