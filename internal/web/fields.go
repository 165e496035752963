package web

// The names of the fields that several forms have.
const (
	fieldEmail    = "email"
	fieldName     = "name"
	fieldFunction = "function"
	fieldVersion  = "version"
	fieldScope    = "scope"
	fieldProof    = "password" // the person's own, which proves them again
)

// typeEmail is the kind of input in which browsers know an address.
const typeEmail = fieldEmail
