"""What a rail says about money, translated; nothing here was compared with an order yet."""
