#!/usr/bin/env python3
"""usage: person.py VERIFICATION_URI USER_CODE ACCOUNT [--decline] [--ca FILE]

Plays the person in front of oidc-provider's pages: enters the code, confirms it, signs in as ACCOUNT and consents.
Prints the last page's heading. Exit status: 0 done (signed in, or declined as asked), 3 the code was refused, 1 anything else."""
import argparse
import http.cookiejar
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

options = argparse.ArgumentParser()
options.add_argument("uri")
options.add_argument("code")
options.add_argument("account")
options.add_argument("--decline", action="store_true")
options.add_argument("--ca")
options = options.parse_args()

browser = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=options.ca)),
    urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def visit(address, **form):
    """Opens a page, or hands in its form; returns where it led to and the page."""
    content = urllib.parse.urlencode(form).encode() if form else None
    try:
        with browser.open(address, content, timeout=20) as page:
            return page.url, page.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.url, refused.read().decode()


_, page = visit(options.uri)
xsrf = re.search(r'name="xsrf" value="([^"]*)"', page)
if not xsrf:
    sys.exit("no page to enter a code at " + options.uri)
entered = {"xsrf": xsrf[1], "user_code": options.code}
_, page = visit(options.uri, **entered)
if "incorrect" in page:
    print("code refused")
    sys.exit(3)
if options.decline:
    visit(options.uri, **entered, confirm="yes", abort="yes")
    print("declined")
    sys.exit(0)
here, _ = visit(options.uri, **entered, confirm="yes")
here, _ = visit(here, prompt="login", login=options.account, password="anything")
_, page = visit(here, prompt="consent")
heading = re.findall(r"<h1>([^<]*)", page)
print(heading[-1] if heading else page[:200])
sys.exit(0 if "Sign-in Success" in page else 1)
