package review

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/role"
)

// right is one right of a person, by IDs: what a photograph keeps.
type right struct {
	Domain changeset.Domain `json:"domain"`
	Object string           `json:"object"`
	Detail string           `json:"detail,omitempty"` // scope of a role or permission; act of a delegation
	Level  string           `json:"level,omitempty"`
	Site   ident.Site       `json:"site,omitempty"` // where it holds; empty: everywhere
	By     string           `json:"by,omitempty"`   // account or token
	At     time.Time        `json:"at"`
	From   time.Time        `json:"from"`
	Until  *time.Time       `json:"until,omitempty"`
	// Opens are the permissions of a role, in order; nil: not kept, as of before they were.
	Opens []access.Permission `json:"opens,omitzero"`
}

// key names what the right is about: a person has one of each.
func (r right) key() string {
	return strings.Join([]string{string(r.Domain), r.Object, r.Detail}, ":")
}

// same reports whether a right, as it is, opens nothing that it did not open as it was: a role that
// lost permissions is the same.
func (r right) same(was right) bool { return r.asGiven(was) && !r.widened(was) }

// widened reports whether a role opens more than it did.
func (r right) widened(was right) bool {
	return was.Opens != nil && slices.ContainsFunc(r.Opens, func(p access.Permission) bool { return !slices.Contains(was.Opens, p) })
}

// asGiven reports whether a right was given as another.
func (r right) asGiven(o right) bool {
	if r.Level != o.Level || !r.From.Equal(o.From) || (r.Until == nil) != (o.Until == nil) {
		return false
	}
	return r.Until == nil || r.Until.Equal(*o.Until)
}

// opens are the permissions that a right is made of.
func (r right) opens(roles map[ident.Role]role.Role) []access.Permission {
	switch r.Domain {
	case changeset.Role:
		return roles[ident.Role(r.Object)].Permissions
	case changeset.Permission:
		return []access.Permission{access.Permission(r.Object)}
	case changeset.Level, changeset.Site, changeset.Delegation, changeset.GroupMember, changeset.GroupRecord, Holds:
	}
	return nil
}

func (r right) sensitive(roles map[ident.Role]role.Role) bool {
	return slices.ContainsFunc(r.opens(roles), access.IsSensitive)
}

func (r right) administers(roles map[ident.Role]role.Role) bool {
	return slices.ContainsFunc(r.opens(roles), access.IsAdministration)
}

// rights are those of one person, by key.
type rights []right

func (l rights) find(key string) (right, bool) {
	if i := slices.IndexFunc(l, func(r right) bool { return r.key() == key }); i >= 0 {
		return l[i], true
	}
	return right{}, false
}

func (l rights) any(is func(right) bool) bool { return slices.ContainsFunc(l, is) }

// grew reports whether somebody may do now what was not judged: a right that was given or altered, a
// role that opens more.
func (l rights) grew(judged rights) bool {
	return l.any(func(r right) bool {
		was, found := judged.find(r.key())
		return !found || !r.same(was)
	})
}

func (l rights) lacks(r right) bool {
	_, found := l.find(r.key())
	return !found
}

// text writes rights as the database keeps them.
func (l rights) text() string {
	b, err := json.Marshal(l)
	if err != nil {
		panic("review: rights: " + err.Error()) // strings and times always marshal
	}
	return string(b)
}

func parseRights(s string) (l rights, err error) {
	if s == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(s), &l); err != nil {
		return nil, fmt.Errorf("review: rights: %w", err)
	}
	return l, nil
}

// printBytes is how much of the print of rights a version holds.
const printBytes = 8

// versionNow is what a decision must name: the row's own version, what the rights are, and what they
// would leave.
func (p *row) versionNow(now rights) string {
	sum := sha256.Sum256([]byte(string(p.leaving) + "\n" + now.text()))
	return strconv.FormatInt(p.version, 10) + "." + hex.EncodeToString(sum[:printBytes])
}

// read compares what somebody read with what there is. Errors: ErrVersion, ErrStale, ErrChanged.
func (p *row) read(version string, now rights) error {
	n, _, _ := strings.Cut(version, ".")
	switch {
	case version == "":
		return ErrVersion
	case n != strconv.FormatInt(p.version, 10):
		return ErrStale
	case version != p.versionNow(now):
		return ErrChanged
	}
	return nil
}

// resourceOf is the resource that a right bears on.
func (r right) resourceOf() (resource.ID, bool) {
	switch r.Domain {
	case changeset.Level, changeset.Delegation, Holds:
		return resource.ID(r.Object), true
	case changeset.Role, changeset.Permission, changeset.Site, changeset.GroupMember, changeset.GroupRecord:
	}
	return "", false
}

// writeKeys writes the keys of the rights that go.
func writeKeys(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	b, err := json.Marshal(keys)
	if err != nil {
		panic("review: keys: " + err.Error()) // strings always marshal
	}
	return string(b)
}

func parseKeys(s string) (keys []string, err error) {
	if s == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(s), &keys); err != nil {
		return nil, fmt.Errorf("review: keys: %w", err)
	}
	return keys, nil
}
