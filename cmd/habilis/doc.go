// Command habilis is the whole program: the server, and what its operator types.
//
// Exit codes: 0 done; 1 refused or failed, with the reason on standard error;
// 2 the command was not understood; 3 verify-audit or doctor found problems.
package main
