// The simulator's own words: Chinese in the source, English here. The choice is kept in the browser.
const ENGLISH = {
  "微信模拟器": "WeChat simulator", "手机": "Telephone", "再来一部手机": "Another telephone", "时钟和故障": "Clock and faults",
  "English": "中文", "没有成功，请再试一次": "That did not work, please try again",
  "模拟器没有回应，它可能已经停了": "The simulator does not answer; it may have stopped",
  "昨天": "Yesterday", "谁在用这部手机？": "Whose telephone is this?", "还没有人，先添加一个。": "Nobody yet: add somebody first.",
  "新朋友的昵称": "Nickname of a new friend", "手机型号": "Kind of telephone", "安卓": "Android", "苹果": "iPhone", "添加": "Add",
  "添加一个新朋友": "Add a new friend", "换人": "Change person", "收起这部手机": "Put this telephone away", "%s的手机": "%s’s telephone", "空着的手机": "A telephone that nobody holds",
  "微信": "WeChat", "返回": "Back", "关闭": "Close", "更多": "More", "关注": "Follow", "取消关注": "Unfollow", "已关注": "Following", "关注公众号": "Follow this account",
  "关注后，这里会收到它的消息。": "Follow it, and its messages arrive here.", "服务通知": "Service notices", "微信支付": "WeChat Pay", "小程序": "Mini-program", "小程序客服": "Mini-program service",
  "群聊": "Group chat", "你已加入群聊": "You have joined the group", "群成员见入群页": "The joining page shows the members", "打开入群页": "Open the joining page",
  "输入消息": "Message", "发送": "Send", "更多消息": "More kinds of message", "图片": "Picture", "语音": "Voice", "视频": "Video", "小视频": "Short video", "位置": "Place", "链接": "Link", "文件": "File",
  "选一个文件": "Choose a file", "用自带的示例": "Use the built-in sample", "这段语音说的是（微信会识别成文字）": "What the voice says (WeChat turns it into text)", "正在做一段示例视频…": "Making a sample video…",
  "文件太大，最多 10 MB": "The file is too large, at most 10 MB", "取消": "Cancel", "好": "OK", "还没有消息": "No messages yet", "还没有聊过": "Nothing said yet",
  "这个链接打不开": "This link cannot be opened", "正在打开…": "Opening…", "发给朋友": "Send to a friend", "刷新": "Reload", "复制链接": "Copy the link", "识别图中的二维码": "Read the QR code in the picture", "识别页面里的二维码": "Read the QR code on the page",
  "已复制": "Copied", "已发送": "Sent", "没有在图里找到二维码": "No QR code in the picture", "二维码里写着：%s": "The QR code says: %s", "还没有别的朋友，先添加一个。": "There is no other friend yet, add one first.",
  "网页": "Web page", "朋友发来的链接": "A link from a friend", "确认支付": "Pay", "取消支付": "Cancel the payment", "模拟支付失败": "Let the payment fail", "支付": "Payment", "模拟意外": "Let something go wrong", "断网：还没付": "No network: not paid", "断网：已付款": "No network: paid",
  "网络断了，钱已经付出，页面没有收到消息": "The network is gone; the money was taken and the page was told nothing", "网络断了，付款没有发出，页面没有收到消息": "The network is gone; nothing was paid and the page was told nothing",
  "正在核实这笔付款…": "Asking about this payment…", "没有查到这笔付款。可以再点一次，不会重复扣款。": "No payment was found. You may tap again; nothing is charged twice.", "没有付款，需要时可以再点一次。": "Nothing was paid; tap again when you like.",
  "支付成功": "Paid", "已取消支付": "Payment cancelled", "支付没有成功": "The payment did not succeed",
  "商家转账": "Transfer from a merchant", "收下这笔钱": "Take the money", "付款方式": "Pay with", "零钱": "Balance", "虚拟支付 · 安卓": "Virtual payment · Android", "虚拟支付 · 苹果内购": "Virtual payment · Apple", "付款金额": "Paid", "退款": "Refund",
  "已转接人工客服": "Handed to customer service", "音乐": "Music", "消息": "Message", "识别：%s": "Heard: %s", "这段语音是 AMR 格式，浏览器放不出来": "This voice is AMR, which a browser cannot play", "播放语音": "Play the voice",
  "没有这个人，请重新选择": "Nobody has this id, please choose again", "[图片]": "[picture]", "[语音]": "[voice]", "[视频]": "[video]", "[链接]": "[link]", "[小程序]": "[mini-program]", "[位置]": "[place]", "[文件]": "[file]", "你": "You",
  "首页": "Home", "已购": "Purchases", "创作者主页名": "Creator’s handle", "打开": "Open", "输入创作者的主页名，看看他的专栏。": "Type a creator’s handle to see their columns.", "创作者": "Creators", "专栏": "Columns", "作品": "Works", "粉丝群": "Fan groups",
  "还没有开放的专栏。": "No open columns yet.", "还没有作品。": "No works yet.", "兴趣": "Interest", "职业": "Occupation", "已解锁": "Unlocked", "试读": "Preview", "进群": "Join",
  "解锁全文": "Unlock", "订阅专栏 · 永久": "Whole column · for ever", "订阅专栏 · 一段时间": "Whole column · for a time", "暂时不能在小程序里购买": "Cannot be bought in the mini-program now", "正在下单…": "Placing the order…", "支付确认中…": "Waiting for the payment…",
  "还没有收到支付结果，请稍后在「已购」里查看，不会重复扣款。": "No result yet; look into Purchases later. You are not charged twice.", "已解锁，请慢慢读。": "Unlocked. Enjoy.", "还没有买过内容。": "Nothing bought yet.", "永久": "for ever", "%s 到期": "until %s", "专栏通行": "Column", "单篇": "Single work",
  "支付没有成功，可以再试一次": "The payment did not succeed; you may try again", "小程序出错了：%s": "The mini-program failed: %s", "剩下的部分要解锁后才看得到。": "Unlock to read the rest.", "重新打开": "Reopen",
  "时钟": "Clock", "快了 %s": "%s ahead", "和真实时间一样": "As the real time", "天": "d", "小时": "h", "分钟": "min", "+1 分钟": "+1 min", "+1 小时": "+1 h", "+1 天": "+1 day", "+7 天": "+7 days", "时间只能往前走，后台和模拟器一起走。": "Time goes forward only; backend and simulator go together.",
  "故障": "Faults", "支付通知来两次": "Payment push arrives twice", "支付通知晚 60 秒": "Payment push 60 s late", "支付通知丢失": "Payment push lost", "支付通知被改": "Payment push altered", "聊天消息来两次": "Chat message arrives twice", "微信慢 3 秒": "WeChat 3 s slow", "全部清除": "Clear all",
  "没有故障，一切照常。": "No faults; all is well.", "还剩 %s 次": "%s left", "账本": "Books", "微信这一边记的钱。后台的账应当与它分文不差。": "The money as WeChat wrote it down. The backend’s ledger must agree to the fen.", "还没有付款。": "No payments yet.", "%s 笔，共 %s，手续费 %s": "%s payments, %s, fees %s",
  "谁": "Who", "通道": "Rail", "金额": "Amount", "状态": "State", "已付": "paid", "已退": "refunded", "时间": "When", "说给他听": "Say it",
};
const kept = new URLSearchParams(location.search).get("lang") || localStorage.getItem("phone-language");
export const language = kept === "en" ? "en" : "zh-CN";
// The proxy reads it: a page of an account is asked for in the telephone's language.
document.cookie = `phone-language=${language}; path=/phone; SameSite=Strict`;
export const setLanguage = (chosen) => {
  localStorage.setItem("phone-language", chosen);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  location.replace(address);
};
export const t = (text, ...filled) => {
  let told = language === "en" ? ENGLISH[text] ?? text : text;
  for (const one of filled) told = told.replace("%s", one);
  return told;
};
