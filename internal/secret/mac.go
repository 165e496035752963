package secret

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Uses of MAC and Digest in this program. A use is part of the derived key: a
// tag made for one does not verify for another.
const (
	UseAuditHead      = "audit.head"      // the signed head of an audit chain
	UseCursor         = "cursor"          // cursors of lists
	UsePasswordPepper = "password.pepper" // mixed into passwords before hashing
	UseForm           = "form"            // values that a page carries back
	UseIndex          = "index"           // look-up of sealed values, such as phones
	UseRequest        = "request"         // what was asked under an idempotency key
	UseCode           = "code"            // codes sent by SMS
)

// TagBytes is the length of a tag of MAC: the key's id, then HMAC-SHA256.
const TagBytes = keyIDBytes + sha256.Size

// MAC signs data with the current key for one use. The tag begins with the key's
// id: it verifies after a rotation.
func (r *Ring) MAC(use string, data []byte) []byte {
	k := r.held.Load().current()
	return append(k.id[:], k.digest(use, data)...)
}

// VerifyMAC reports whether tag was made by MAC for that use and data, with the
// current key or an older one.
func (r *Ring) VerifyMAC(use string, data, tag []byte) bool {
	if len(tag) != TagBytes {
		return false
	}
	k, err := r.held.Load().find(KeyID(tag[:keyIDBytes]))
	return err == nil && hmac.Equal(k.digest(use, data), tag[keyIDBytes:])
}

// Digest is HMAC-SHA256 under a named key, for those who store the key's id
// themselves (password hashes). The error is ErrUnknownKey.
func (r *Ring) Digest(id KeyID, use string, data []byte) ([]byte, error) {
	k, err := r.held.Load().find(id)
	if err != nil {
		return nil, err
	}
	return k.digest(use, data), nil
}

func (k key) digest(use string, data []byte) []byte {
	mac := hmac.New(sha256.New, k.derive("mac/"+use))
	mac.Write(data)
	return mac.Sum(nil)
}
