package app

import (
	"fmt"
	"io"
	"os"
)

// maxSecretFile bounds the file of one password.
const maxSecretFile = 4 << 10

// readSecretFile reads a file that only its owner may read. The mode is that of
// the opened file, so that it cannot be exchanged in between.
func readSecretFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("only its owner may read it: chmod 600 %s", path)
	}
	return io.ReadAll(io.LimitReader(f, maxSecretFile))
}
