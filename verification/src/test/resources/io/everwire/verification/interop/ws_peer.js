// Echoes and obeys orders on Node's ws, as a server or as a client.
//
//     ws_peer.js serve PORT [CERTIFICATES KEY]
//     ws_peer.js dial URL [AUTHORITY]
//
// Prints "listening PORT", and "closed CODE REASON" at the end of each connection.
'use strict';

const fs = require('fs');
const http = require('http');
const https = require('https');
const WebSocket = require('ws');

const PARTS = ['fra\u20ac', 'gmen\u{1f600}', 'ted'];

function obey(connection, payload, isBinary) {
  const order = isBinary ? '' : payload.toString('utf8');
  if (order.startsWith('!ping ')) {
    connection.ping(order.slice('!ping '.length));
  } else if (order.startsWith('!close ')) {
    const [, code, ...reason] = order.split(' ');
    connection.close(Number(code), reason.join(' '));
  } else if (order === '!fragments') {
    PARTS.forEach((part, i) => connection.send(part, { fin: i === PARTS.length - 1 }));
  } else if (order === '!subprotocol') {
    connection.send('subprotocol ' + connection.protocol);
  } else {
    connection.send(payload, { binary: isBinary });
  }
}

function converse(connection) {
  connection.on('message', (payload, isBinary) => obey(connection, payload, isBinary));
  connection.on('pong', (payload) => connection.send('pong ' + payload));
  connection.on('close', (code, reason) => console.log('closed ' + code + ' ' + reason));
  connection.on('error', (error) => console.error(error.message)); // the close follows
}

const [, , role, target, certificates, key] = process.argv;
const pem = certificates && fs.readFileSync(certificates);
if (role === 'serve') {
  const server = pem ? https.createServer({ cert: pem, key: fs.readFileSync(key) }) : http.createServer();
  const upgrades = new WebSocket.Server({
    server,
    perMessageDeflate: true,
    handleProtocols: (offered) => (offered.has('chat.v2') ? 'chat.v2' : false),
  });
  upgrades.on('connection', converse);
  server.listen(Number(target), '127.0.0.1', () => console.log('listening ' + server.address().port));
} else {
  converse(new WebSocket(target, ['chat.v9', 'chat.v2'], pem ? { ca: pem } : {}));
}
