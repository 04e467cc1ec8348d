"""What we ask of WeChat; implements the ports of the business."""
