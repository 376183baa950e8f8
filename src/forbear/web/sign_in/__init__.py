"""How staff come in: password, second proof, passkeys; and what they keep of their own account."""
