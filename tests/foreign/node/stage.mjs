// What every driver stands on: WeChat's host names led to the simulator, and a list of its calls.
// `node DRIVER <simulator's address> <its TLS port>`; trust in its authority by NODE_EXTRA_CA_CERTS.
// Nothing of a client is changed but where the names of its hosts lead.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import fs from 'node:fs';
import { once } from 'node:events';

export const [simulator, tlsPort] = process.argv.slice(2);

const connect = https.Agent.prototype.createConnection;
https.Agent.prototype.createConnection = function leadHome(options, done) {
  if (!/\.weixin\.qq\.com$/.test(options.host ?? '')) return connect.call(this, options, done);
  const led = { ...options, servername: options.host, host: '127.0.0.1', port: Number(tlsPort) };
  return connect.call(this, led, done);
};

export async function control(method, path, body) {
  const answer = await fetch(`${simulator}/_sim/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

export async function listen(answer = async () => ({ status: 204, body: '' })) {
  const received = [];
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const seen = { url: request.url, headers: request.headers, body: Buffer.concat(parts) };
    received.push(seen);
    const told = await answer(seen);
    response.writeHead(told.status).end(told.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return { received, server, url: `http://127.0.0.1:${server.address().port}` };
}

function versionOf(client) {
  const file = new URL(`./node_modules/${client}/package.json`, import.meta.url);
  return JSON.parse(fs.readFileSync(file, 'utf8')).version;
}

export class Report {
  constructor(client) {
    this.told = { client, version: versionOf(client), calls: [] };
  }

  noted(call, result = 'ok') {
    this.told.calls.push({ call, result });
  }

  async works(call, act, holds = (answer) => !answer.errcode) {
    const answer = await act();
    assert.ok(holds(answer), `${this.told.client} ${call}: ${JSON.stringify(answer)}`);
    this.noted(call);
    return answer;
  }

  async refused(call, code, act) {
    await assert.rejects(act, (error) => `${error.code} ${error.message}`.includes(String(code)));
    this.noted(call, `refused ${code}`);
  }

  leave() {
    console.log(JSON.stringify(this.told));
  }
}

export const PICTURE = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64, 48)]);
export const MENU = { button: [{ type: 'click', name: '最新', key: 'latest' }] };
