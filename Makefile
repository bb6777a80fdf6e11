# Builds what is handed out: a binary that needs the C library's family and four libraries, with pages and completions.
#
#     make install PREFIX=/usr/local
#     make archive

PREFIX ?= /usr/local
OUT := .build/distribution
# Flags of this build are its own: it must not disturb others.
BUILD := swift build -c release --product graphc --static-swift-stdlib --scratch-path .build/static \
	-Xlinker -s -Xcc -DGRAPHC_COMMIT=$(shell git rev-parse --short HEAD 2>/dev/null)
SHELLS := bash zsh fish

.PHONY: distribution install archive

distribution:
	$(BUILD)
	mkdir -p $(OUT)/bin $(OUT)/share/man/man1 $(OUT)/share/graphc
	cp "$$($(BUILD) --show-bin-path)/graphc" $(OUT)/bin/graphc
	.ci/check-libraries $(OUT)/bin/graphc
	for shell in $(SHELLS); do \
	  $(OUT)/bin/graphc --generate-completion-script $$shell > $(OUT)/share/graphc/graphc.$$shell || exit 1; done
	$(OUT)/bin/graphc --experimental-dump-help | .ci/man-pages $(OUT)/share/man/man1
	cp README.md docs/changelog.md $(OUT)/share/graphc/
	cp -r models $(OUT)/share/graphc/

install: distribution
	install -D -m 755 $(OUT)/bin/graphc $(DESTDIR)$(PREFIX)/bin/graphc
	for page in $(OUT)/share/man/man1/*.1; do \
	  install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man1/$$(basename $$page) || exit 1; done
	install -D -m 644 $(OUT)/share/graphc/graphc.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/graphc
	install -D -m 644 $(OUT)/share/graphc/graphc.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_graphc
	install -D -m 644 $(OUT)/share/graphc/graphc.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/graphc.fish

archive: distribution
	tar -C $(OUT) --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -czf .build/graphc.tar.gz .
	@echo .build/graphc.tar.gz
