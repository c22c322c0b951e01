"""The command line: arguments, and one module a group of commands. What commands do lies in the other packages."""
