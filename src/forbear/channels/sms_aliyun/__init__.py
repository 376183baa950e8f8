"""SMS over Alibaba Cloud's short message service (dysmsapi), with its signature ACS3-HMAC-SHA256."""
