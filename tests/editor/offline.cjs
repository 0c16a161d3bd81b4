// Loaded into the language server before anything else: it must not need the network.
"use strict";
require("net").Socket.prototype.connect = () => {
  process.stderr.write("the language server opens a network connection\n");
  process.exit(9);
};
