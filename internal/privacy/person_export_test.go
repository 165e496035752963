package privacy

// Tables are what nouns say of their tables, for the tests of the whole.
var Tables = tables

// Between lets a test stop the work after each part of it.
func (p People) Between(f func(stage string) error) People {
	p.between = f
	return p
}
