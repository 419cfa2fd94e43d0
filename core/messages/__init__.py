"""Messages (消息): reminders and warnings by mail, text message or webhook, by the tenant's rules and in its own words."""
