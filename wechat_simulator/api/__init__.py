"""The server APIs of api.weixin.qq.com, open.weixin.qq.com and mp.weixin.qq.com."""
