// Package vault keeps recordings so that who takes the disk away has nothing:
// each is a file of its own that only the holder of the key file can read.
//
// There are two forms. "age" is the open format age-encryption.org/v1 with an
// X25519 recipient: any age program opens it with the key file. "sm4" is for
// installations that must use the ciphers of GB/T (商用密码): SM4-GCM in
// segments of 64 KiB, see sm4.go for every byte. Both can be read at any place
// without reading what is before it, and both tell a file that was cut short
// or changed.
//
// [Keys] are the key file; [Keys.Keep] brings a plain file into the vault, in
// steps after each of which the process may be killed: at every instant the
// plain file is there, or an encrypted one that has been read back, or both.
// Who calls it removes the plain file, after it has written down what Keep
// returned.
package vault
