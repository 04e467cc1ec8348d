// Two merchant SDKs, unmodified, buy, query, close, refund and read notifications.
// Usage: node pay.js <address of the simulator>. Prints one line per SDK: its calls, as JSON.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import axiosPlugin from 'wechatpay-axios-plugin';
import nodeV3 from 'wechatpay-node-v3';

const { Wechatpay, Aes, Formatter, Rsa } = axiosPlugin;
const simulator = process.argv[2];
const REAL_HOST = 'https://api.mch.weixin.qq.com';

async function control(method, path, body) {
  const answer = await fetch(`${simulator}/_sim/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

async function listen() {
  const received = [];
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    received.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { received, server, url: `http://127.0.0.1:${server.address().port}/notify` };
}

function order(shop, number) {
  return {
    description: '专栏《咖啡》',
    out_trade_no: number,
    notify_url: shop.url,
    amount: { total: 990, currency: 'CNY' },
    payer: { openid: shop.person.oa_openid },
  };
}

function refund(number, shop) {
  return {
    out_trade_no: number,
    out_refund_no: `refund-${number}`,
    notify_url: shop.url,
    amount: { refund: 990, total: 990, currency: 'CNY' },
  };
}

async function withAxiosPlugin(shop) {
  const { merchant, oa } = shop.accounts;
  const privateKey = Rsa.from(merchant.private_key_pem, Rsa.KEY_TYPE_PRIVATE);
  const publicKey = Rsa.from(merchant.public_key_pem, Rsa.KEY_TYPE_PUBLIC);
  const sdk = new Wechatpay({
    mchid: merchant.mchid,
    serial: merchant.serial,
    privateKey,
    certs: { [merchant.public_key_id]: publicKey },
    baseURL: simulator,
  });
  const calls = [];
  const transactions = sdk.v3.pay.transactions;
  const place = async (number) => {
    const asked = { appid: oa.appid, mchid: merchant.mchid, ...order(shop, number) };
    const { data } = await transactions.jsapi.post(asked);
    calls.push('POST jsapi');
    return data.prepay_id;
  };

  const sheet = {
    appId: oa.appid,
    timeStamp: `${Formatter.timestamp()}`,
    nonceStr: Formatter.nonce(),
    package: `prepay_id=${await place('axios-0001')}`,
  };
  const message = Formatter.joinedByLineFeed(
    sheet.appId, sheet.timeStamp, sheet.nonceStr, sheet.package,
  );
  const payment = { ...sheet, signType: 'RSA', paySign: Rsa.sign(message, privateKey) };
  const paid = await control('POST', `people/${shop.person.id}/pay`, { rail: 'jsapi', payment });
  assert.equal(paid.err_code, 0);

  const { headers, body } = shop.received.at(-1);
  const signed = Formatter.response(
    headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body,
  );
  assert.ok(Rsa.verify(signed, headers['wechatpay-signature'], publicKey));
  const { resource } = JSON.parse(body);
  const opened = JSON.parse(Aes.AesGcm.decrypt(
    resource.ciphertext, merchant.apiv3_key, resource.nonce, resource.associated_data,
  ));
  assert.equal(opened.transaction_id, paid.payment_ref);
  calls.push('open notification');

  const params = { mchid: merchant.mchid };
  const { data: found } = await transactions.outTradeNo['{out_trade_no}']
    .get({ params, out_trade_no: 'axios-0001' });
  assert.equal(found.trade_state, 'SUCCESS');
  calls.push('GET out-trade-no');
  const { data: byId } = await transactions.id['{transaction_id}']
    .get({ params, transaction_id: paid.payment_ref });
  assert.equal(byId.out_trade_no, 'axios-0001');
  calls.push('GET id');

  await place('axios-0002');
  const closed = await transactions.outTradeNo['{out_trade_no}'].close
    .post({ mchid: merchant.mchid }, { out_trade_no: 'axios-0002' });
  assert.equal(closed.status, 204);
  calls.push('POST close');

  const { data: back } = await sdk.v3.refund.domestic.refunds.post(refund('axios-0001', shop));
  assert.equal(back.status, 'PROCESSING');
  calls.push('POST refunds');
  await control('POST', 'clock', { advance_s: 10 });
  return calls;
}

async function withNodeV3(shop) {
  const { merchant, oa } = shop.accounts;
  const sdk = new nodeV3({
    appid: oa.appid,
    mchid: merchant.mchid,
    serial_no: merchant.serial,
    publicKey: Buffer.from(merchant.public_key_pem),
    privateKey: Buffer.from(merchant.private_key_pem),
    key: merchant.apiv3_key,
  });
  // The SDK's own way to use another HTTP service; the host is all that changes.
  const service = sdk.httpService;
  const here = (url) => url.replace(REAL_HOST, simulator);
  sdk.createHttp({
    get: (url, headers) => service.get(here(url), headers),
    post: (url, params, headers) => service.post(here(url), params, headers),
  });
  const calls = [];

  const placed = await sdk.transactions_jsapi(order(shop, 'node-00001'));
  assert.equal(placed.status, 200, JSON.stringify(placed));
  calls.push('POST jsapi');
  const payment = placed.data;
  const paid = await control('POST', `people/${shop.person.id}/pay`, { rail: 'jsapi', payment });
  assert.equal(paid.err_code, 0, paid.err_desc);

  const { resource } = JSON.parse(shop.received.at(-1).body);
  const opened = sdk.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce);
  assert.equal(opened.transaction_id, paid.payment_ref);
  calls.push('open notification');

  const found = await sdk.query({ out_trade_no: 'node-00001' });
  assert.equal(found.data.trade_state, 'SUCCESS');
  calls.push('GET out-trade-no');
  const byId = await sdk.query({ transaction_id: paid.payment_ref });
  assert.equal(byId.data.out_trade_no, 'node-00001');
  calls.push('GET id');

  await sdk.transactions_jsapi(order(shop, 'node-00002'));
  const closed = await sdk.close('node-00002');
  assert.equal(closed.status, 204);
  calls.push('POST close');
  const refused = await sdk.close('node-00001');
  assert.equal(refused.status, 400);

  const back = await sdk.refunds(refund('node-00001', shop));
  assert.equal(back.data.status, 'PROCESSING');
  calls.push('POST refunds');
  await control('POST', 'clock', { advance_s: 10 });
  const settled = await sdk.find_refunds('refund-node-00001');
  assert.equal(settled.data.status, 'SUCCESS');
  calls.push('GET refunds');
  return calls;
}

const shop = await listen();
try {
  shop.accounts = await control('GET', 'accounts');
  shop.person = await control('POST', 'people', { nickname: '读者' });
  // Waiting for a refund moves the shared clock on, so the SDKs, which sign by the wall clock,
  // must stay within the gateway's five minutes: seconds are all that is spent here.
  console.log(JSON.stringify({ sdk: 'wechatpay-axios-plugin', calls: await withAxiosPlugin(shop) }));
  console.log(JSON.stringify({ sdk: 'wechatpay-node-v3', calls: await withNodeV3(shop) }));
} finally {
  shop.server.close();
}
