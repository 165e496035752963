package credential

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"

	"habilis/internal/secret"
)

// Bounds of what a stored hash may ask for: a damaged or planted row must not
// take the memory of the server.
const (
	maxHashMemory = 256 * 1024 // KiB
	maxHashTime   = 16
	maxHashLanes  = 16
	maxHashBytes  = 64
)

// errDamaged means that a stored hash is not one this program wrote.
var errDamaged = errors.New("credential: the stored password hash is damaged")

// phc is a password hash with all that is needed to compute it again, as the PHC
// string format writes it: parameters and the pepper's key stay with the hash.
type phc struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
	key    secret.KeyID
	salt   []byte
	hash   []byte
}

var phcShape = regexp.MustCompile(`^\$argon2id\$v=(\d{1,3})\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2}),keyid=([A-Za-z0-9+/]{6})` +
	`\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$`)

// b64 is the base64 of PHC strings: standard letters, no padding.
var b64 = base64.RawStdEncoding.Strict()

// String writes $argon2id$v=19$m=…,t=…,p=…,keyid=…$salt$hash.
func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d,keyid=%s$%s$%s", argon2.Version,
		p.memory, p.time, p.lanes, b64.EncodeToString(p.key[:]), b64.EncodeToString(p.salt), b64.EncodeToString(p.hash))
}

// parsePHC reads what String wrote, within the bounds. The error is errDamaged.
func parsePHC(s string) (phc, error) {
	m := phcShape.FindStringSubmatch(s)
	if m == nil {
		return phc{}, errDamaged
	}
	var n [4]uint64
	for i := range n {
		n[i], _ = strconv.ParseUint(m[i+1], 10, 32) // digits only, by the shape
	}
	version, memory, passes, lanes := n[0], n[1], n[2], n[3]
	if version != argon2.Version || memory < 8*lanes || memory > maxHashMemory ||
		passes < 1 || passes > maxHashTime || lanes < 1 || lanes > maxHashLanes {
		return phc{}, errDamaged
	}
	key, keyErr := b64.DecodeString(m[5])
	salt, saltErr := b64.DecodeString(m[6])
	hash, hashErr := b64.DecodeString(m[7])
	if keyErr != nil || saltErr != nil || hashErr != nil || len(key) != len(secret.KeyID{}) || len(hash) > maxHashBytes {
		return phc{}, errDamaged
	}
	return phc{memory: uint32(memory), time: uint32(passes), lanes: uint8(lanes), key: secret.KeyID(key), salt: salt, hash: hash}, nil
}
