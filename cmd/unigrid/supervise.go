package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"unigrid/grids/database/cluster"
)

// superviseCommand runs the private cluster; other commands start it.
func superviseCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:    "supervise",
		Short:  "Run the private database as long as somebody uses it",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cluster.Supervise(cmd.Context(), c.data, c.log)
		},
	}
}

// postgresCommand lends the private cluster to another program.
func postgresCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:   "postgres -- PROGRAM [ARGUMENT...]",
		Short: "Run a program with the private database up: DATABASE_URL and UNIGRID_TEST_DATABASE_URL name it",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			lease, err := acquire(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer lease.Close()
			program := exec.CommandContext(cmd.Context(), args[0], args[1:]...)
			program.Stdin, program.Stdout, program.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			program.Env = append(os.Environ(), envDatabaseURL+"="+lease.URL("unigrid"), "UNIGRID_TEST_DATABASE_URL="+lease.URL("postgres"))
			if err := program.Run(); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return nil
		},
	}
}
