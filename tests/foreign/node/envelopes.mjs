// Foreign message crypto against ours: each seals a message and opens a reply.
// Asked in JSON by standard input; prints one JSON line per client.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import wecom from '@wecom/crypto';
import WXBizMsgCrypt from 'wechat-crypto';

const require = createRequire(import.meta.url);
const Encryptor = require('node-easywechat/dist/Core/Encryptor.js');
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const { token, aes_key: aesKey, appid, message, timestamp, nonce } = asked;
const sealedReply = /<Encrypt><!\[CDATA\[(.*?)\]\]><\/Encrypt>/.exec(asked.reply)[1];

const envelope = (encrypt, signature) => '<xml><ToUserName><![CDATA[gh_1]]></ToUserName>'
  + `<Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature>`
  + `<TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;

function withWechatCrypto() {
  const crypt = new WXBizMsgCrypt(token, aesKey, appid);
  const encrypt = crypt.encrypt(message);
  const opened = crypt.decrypt(sealedReply);
  const signature = crypt.getSignature(asked.reply_timestamp, asked.reply_nonce, sealedReply);
  if (opened.id !== appid || signature !== asked.reply_signature) throw new Error('not for us');
  return [envelope(encrypt, crypt.getSignature(timestamp, nonce, encrypt)), opened.message];
}

function withWecomCrypto() {
  const encrypt = wecom.encrypt(aesKey, message, appid);
  const opened = wecom.decrypt(aesKey, sealedReply);
  const signature = wecom.getSignature(token, asked.reply_timestamp, asked.reply_nonce, sealedReply);
  if (opened.id !== appid || signature !== asked.reply_signature) throw new Error('not for us');
  return [envelope(encrypt, wecom.getSignature(token, timestamp, nonce, encrypt)), opened.message];
}

function withNodeEasywechat() {
  const crypt = new Encryptor(appid, token, aesKey, appid);
  const opened = crypt.decrypt(
    sealedReply, asked.reply_signature, asked.reply_nonce, asked.reply_timestamp,
  );
  return [crypt.encrypt(message, nonce, timestamp), opened];
}

const clients = {
  'wechat-crypto': withWechatCrypto,
  '@wecom/crypto': withWecomCrypto,
  'node-easywechat': withNodeEasywechat,
};
for (const [client, act] of Object.entries(clients)) {
  const file = new URL(`./node_modules/${client}/package.json`, import.meta.url);
  const { version } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const [body, opened] = act();
  console.log(JSON.stringify({ client, version, body, opened }));
}
