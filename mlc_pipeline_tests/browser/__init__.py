"""`mlc dev` as a person has it: started, looked at in a browser, clicked on and stopped."""
