package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// envConfig names the configuration file when the flag --config does not.
const envConfig = "HABILIS_CONFIG"

// configFile finds the configuration file before anything is parsed: the file
// gives values to all the rest.
func configFile(args []string) (string, error) {
	for i, a := range args {
		if path, ok := strings.CutPrefix(a, "--config="); ok {
			return path, nil
		}
		if a == "--config" {
			if i+1 == len(args) {
				return "", errors.New("--config: name a file")
			}
			return args[i+1], nil
		}
	}
	return os.Getenv(envConfig), nil
}

// fileResolver gives flags their value from a file of JSON: one object, its keys
// the names of the flags with _ for -. A flag and a variable win over the file.
type fileResolver struct {
	path   string
	values map[string]any
}

// Validate refuses a key that no command knows: a setting with a wrong name would
// be ignored in silence.
func (f fileResolver) Validate(a *kong.Application) error {
	values, err := f.read()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	err = kong.Visit(a, func(n kong.Visitable, next kong.Next) error {
		if flag, ok := n.(*kong.Flag); ok {
			known[key(flag)] = true
		}
		return next(nil)
	})
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !known[name] {
			err = errors.Join(err, fmt.Errorf("%s: no setting is called %q", f.path, name))
		}
	}
	return err
}

// Resolve gives a flag its value of the file, unless a variable has set it.
func (f fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Tag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil //nolint:nilnil // kong's way to say "not from here"
		}
	}
	values, err := f.read()
	if err != nil {
		return nil, err
	}
	return values[key(flag)], nil
}

func key(flag *kong.Flag) string { return strings.ReplaceAll(flag.Name, "-", "_") }

func (f fileResolver) read() (map[string]any, error) {
	if f.path == "" || f.values != nil {
		return f.values, nil
	}
	b, err := os.ReadFile(f.path)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := json.Unmarshal(b, &values); err != nil {
		return nil, fmt.Errorf("%s: not an object of JSON: %w", f.path, err)
	}
	return values, nil
}
