package web

// The names of the fields that several forms have.
const (
	fieldEmail    = "email"
	fieldName     = "name"
	fieldFunction = "function"
	fieldRole     = "role"
	fieldRoles    = "roles"
	fieldSite     = "site"
	fieldSites    = "sites"
	fieldVersion  = "version"
	fieldScope    = "scope"
	fieldProof    = "password" // the person's own, which proves them again
	fieldLanguage = "language"
	fieldKind     = "kind"
	fieldType     = "type"
	fieldState    = "state"
	fieldStatus   = "status"
	fieldCity     = "city"
	fieldFrom     = "from"
	fieldUntil    = "until"
)

// typeEmail is the kind of input in which browsers know an address.
const typeEmail = fieldEmail
