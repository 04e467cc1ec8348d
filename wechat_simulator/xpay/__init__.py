"""Virtual payment (虚拟支付): goods sold inside a mini-program, on WeChat Pay's or Apple's rail."""
