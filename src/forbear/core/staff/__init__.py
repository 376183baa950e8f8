"""How people sign in: the rules of passwords, sessions and second factors."""
