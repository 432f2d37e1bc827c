// Command unigrid serves a territory's unified grid and does the planners' work
// on it from the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes: all was done, it was not, the command was used wrongly.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// usageError is wrong use of a command.
type usageError struct{ error }

func run(ctx context.Context, args []string) int {
	var c config
	running := false
	root := &cobra.Command{
		Use:           "unigrid",
		Short:         "One grid, one team, one support, assessed separately (统一网格)",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmd.ValidateRequiredFlags(); err != nil {
				return err
			}
			running = true
			return c.complete(cmd)
		},
	}
	c.register(root)
	root.AddCommand(serveCommand(&c), territoryCommand(&c), importCommand(&c), exportCommand(&c), boardsCommand(&c), cleanCommand(&c), drawCommand(&c), mergeCommand(&c), assignCommand(&c),
		editionCommand(&c), userCommand(&c), doctorCommand(&c), demoCommand(&c), superviseCommand(&c), postgresCommand(&c))
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var silent *silentError
	if !errors.As(err, &silent) {
		fmt.Fprintln(os.Stderr, "unigrid:", c.sentence(err))
	}
	var usage usageError
	if !running || errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// silentError fails a command that has said what is wrong already.
type silentError struct{}

func (*silentError) Error() string { return "failed" }
