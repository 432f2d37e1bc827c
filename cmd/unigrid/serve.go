package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/database/cluster"
	"unigrid/static"
)

// How long requests may take to end when the service is told to stop.
const stopPatience = 10 * time.Second

func serveCommand(c *config) *cobra.Command {
	var demo bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the web map and the API",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.checkListen(demo); err != nil {
				return usageError{err}
			}
			if c.keepDays < 1 || c.maxUpload < 1 {
				return usageError{grids.Errorf(grids.Invalid, "serve", "--keep-imports 与 --max-upload 须为正整数", "--keep-imports and --max-upload take numbers from 1")}
			}
			if err := c.checkPublicURL(); err != nil {
				return usageError{err}
			}
			return serve(cmd.Context(), c, demo)
		},
	}
	c.registerAddr(cmd)
	c.registerSafety(cmd)
	c.registerImports(cmd)
	c.registerKeep(cmd)
	c.registerPublicURL(cmd)
	cmd.Flags().BoolVar(&demo, "demo", false, "load the demo territory if there is none")
	return cmd
}

// version is the commit that the program was built from, as Go recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}

func serve(ctx context.Context, c *config, demo bool) error {
	if c.databaseURL == "" {
		release, err := cluster.Exclusive(c.data, "serve")
		if err != nil {
			return err
		}
		defer release()
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("can't listen on %s (is another service there?): %w", c.addr, err)
	}
	defer listener.Close()
	return with(ctx, c, func(a *app) error {
		if a.lease != nil {
			go a.lease.Keep(ctx)
		}
		var accounts []demoAccount
		if demo {
			if err := a.loadDemo(ctx, false); err != nil {
				return err
			}
			if accounts, err = a.demoAccounts(ctx); err != nil {
				return err
			}
		}
		queue, err := a.startJobs(ctx)
		if err != nil {
			return err
		}
		defer queue.stop()
		client, err := static.FS()
		if err != nil {
			return err
		}
		handler, err := api.New(a.db, api.Options{DefaultTerritory: c.territory, PublicURL: c.publicURL, Static: client, Log: c.log, Version: version(),
			Uploads: c.uploads, MaxUpload: c.maxUpload, KeepImports: time.Duration(c.keepDays) * 24 * time.Hour, Jobs: queue.Client, Stopping: ctx.Done(),
			BehindProxy: c.behindProxy, Origins: c.origins, OIDC: c.oidc})
		if err != nil {
			return err
		}
		go handler.Watch(ctx)
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
			MaxHeaderBytes: 64 << 10, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
		failed := make(chan error, 1)
		go func() {
			if c.tlsCert != "" {
				failed <- server.ServeTLS(listener, c.tlsCert, c.tlsKey)
				return
			}
			failed <- server.Serve(listener)
		}()
		printDemoAccounts(os.Stdout, accounts, c.data)
		fmt.Printf("unigrid is ready: %s://%s/\n", c.scheme(), listener.Addr())
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		// A second signal ends it at once.
		signal.Reset(syscall.SIGINT, syscall.SIGTERM)
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer cancel()
		if err := server.Shutdown(patience); err != nil {
			return fmt.Errorf("stopping: %w", err)
		}
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
}
