package main

import (
	"fmt"
	"runtime/debug"

	"habilis/internal/app"
	"habilis/internal/demo"
)

type serveCmd struct {
	file
	app.Config
}

// Run serves until it is asked to stop.
func (c *serveCmd) Run(t *terminal) error {
	a, err := app.New(t.ctx, c.Config, t.log)
	if err != nil {
		return err
	}
	if c.Demo {
		if err := showDemo(t, a); err != nil {
			return closing(a, err)
		}
	}
	debug.FreeOSMemory() // what start-up was built with is given back to the machine
	fmt.Fprintf(t.out, "Habilis %s serves on %s\n", app.Version, a.Public)
	return a.Run(t.ctx)
}

// showDemo loads the demonstration organisations, once, and prints who can sign in.
func showDemo(t *terminal, a *app.App) error {
	guide, err := demo.Load(t.ctx, a)
	if err != nil {
		return err
	}
	guide.Print(t.out)
	return nil
}

// closing gives everything back after a failure.
func closing(a *app.App, err error) error {
	if e := a.Close(); e != nil {
		return fmt.Errorf("%w (and closing: %w)", err, e)
	}
	return err
}
