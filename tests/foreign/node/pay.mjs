// Two merchant SDKs, unmodified, buy, query, close, refund and read notifications.
import assert from 'node:assert/strict';
import axiosPlugin from 'wechatpay-axios-plugin';
import nodeV3 from 'wechatpay-node-v3';
import { control, listen, Report } from './stage.mjs';

const { Wechatpay, Aes, Formatter, Rsa } = axiosPlugin;

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
  const report = new Report('wechatpay-axios-plugin');
  const { merchant, oa } = shop.accounts;
  const privateKey = Rsa.from(merchant.private_key_pem, Rsa.KEY_TYPE_PRIVATE);
  const publicKey = Rsa.from(merchant.public_key_pem, Rsa.KEY_TYPE_PUBLIC);
  const sdk = new Wechatpay({
    mchid: merchant.mchid,
    serial: merchant.serial,
    privateKey,
    certs: { [merchant.public_key_id]: publicKey },
  });
  const transactions = sdk.v3.pay.transactions;
  const place = async (number) => {
    const asked = { appid: oa.appid, mchid: merchant.mchid, ...order(shop, number) };
    const { data } = await transactions.jsapi.post(asked);
    report.noted('v3.pay.transactions.jsapi.post');
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
  report.noted('Rsa.verify, Aes.AesGcm.decrypt');

  const params = { mchid: merchant.mchid };
  const { data: found } = await transactions.outTradeNo['{out_trade_no}']
    .get({ params, out_trade_no: 'axios-0001' });
  assert.equal(found.trade_state, 'SUCCESS');
  report.noted('v3.pay.transactions.outTradeNo.get');
  const { data: byId } = await transactions.id['{transaction_id}']
    .get({ params, transaction_id: paid.payment_ref });
  assert.equal(byId.out_trade_no, 'axios-0001');
  report.noted('v3.pay.transactions.id.get');

  await place('axios-0002');
  const closed = await transactions.outTradeNo['{out_trade_no}'].close
    .post({ mchid: merchant.mchid }, { out_trade_no: 'axios-0002' });
  assert.equal(closed.status, 204);
  report.noted('v3.pay.transactions.outTradeNo.close.post');

  const { data: back } = await sdk.v3.refund.domestic.refunds.post(refund('axios-0001', shop));
  assert.equal(back.status, 'PROCESSING');
  report.noted('v3.refund.domestic.refunds.post');
  await control('POST', 'clock', { advance_s: 10 });
  report.leave();
}

async function withNodeV3(shop) {
  const report = new Report('wechatpay-node-v3');
  const { merchant, oa } = shop.accounts;
  const sdk = new nodeV3({
    appid: oa.appid,
    mchid: merchant.mchid,
    serial_no: merchant.serial,
    publicKey: Buffer.from(merchant.public_key_pem),
    privateKey: Buffer.from(merchant.private_key_pem),
    key: merchant.apiv3_key,
  });

  const placed = await sdk.transactions_jsapi(order(shop, 'node-00001'));
  assert.equal(placed.status, 200, JSON.stringify(placed));
  report.noted('transactions_jsapi');
  const payment = placed.data;
  const paid = await control('POST', `people/${shop.person.id}/pay`, { rail: 'jsapi', payment });
  assert.equal(paid.err_code, 0, paid.err_desc);

  const { resource } = JSON.parse(shop.received.at(-1).body);
  const opened = sdk.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce);
  assert.equal(opened.transaction_id, paid.payment_ref);
  report.noted('decipher_gcm');

  const found = await sdk.query({ out_trade_no: 'node-00001' });
  assert.equal(found.data.trade_state, 'SUCCESS');
  report.noted('query by out_trade_no');
  const byId = await sdk.query({ transaction_id: paid.payment_ref });
  assert.equal(byId.data.out_trade_no, 'node-00001');
  report.noted('query by transaction_id');

  await sdk.transactions_jsapi(order(shop, 'node-00002'));
  const closed = await sdk.close('node-00002');
  assert.equal(closed.status, 204);
  report.noted('close');
  const refused = await sdk.close('node-00001');
  assert.equal(refused.status, 400);
  report.noted('close', 'refused 400');

  const back = await sdk.refunds(refund('node-00001', shop));
  assert.equal(back.data.status, 'PROCESSING');
  report.noted('refunds');
  await control('POST', 'clock', { advance_s: 10 });
  const settled = await sdk.find_refunds('refund-node-00001');
  assert.equal(settled.data.status, 'SUCCESS');
  report.noted('find_refunds');
  report.leave();
}

const shop = await listen();
shop.url = `${shop.url}/notify`;
shop.accounts = await control('GET', 'accounts');
shop.person = await control('POST', 'people', { nickname: '读者' });
// Waiting for a refund moves the shared clock on, so the SDKs, which sign by the wall clock,
// must stay within the gateway's five minutes: seconds are all that is spent here.
await withAxiosPlugin(shop);
await withNodeV3(shop);
