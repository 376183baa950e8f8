"""SMS over Twilio's Messages resource, which several providers also speak."""
