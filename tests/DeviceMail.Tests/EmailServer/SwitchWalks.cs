using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Lab.Switches;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Panel;
using Microsoft.Playwright;

namespace DeviceMail.Tests.EmailServer;

/// <summary>What the administrator, the person at the panel and the job say when something goes wrong: a row for each switch of the lab that stops mail.</summary>
public sealed class SwitchWalks
{
    private const string Mailbox = "scan@contoso.example";

    /// <summary>Before a switch that counts at both interfaces: the account sends by Microsoft Graph.</summary>
    private const string ByGraph = "graph:";

    /// <summary>The switch and its value; what becomes of the job; the first page's answer, without the account; what the administrator is told to do there.</summary>
    private static readonly (string Switch, string Value, JobState Job, string Answer, string Advice)[] _trouble =
    [
        ("token-revoked", "on", JobState.Held, "Mail is held: the sign-in was revoked", "finds out who reset the account and why, then signs in again"),
        ("expired-by-disuse", "on", JobState.Held, "Mail is held: the sign-in has expired by disuse", "keeps the gateway running and connected"),
        ("sign-in-frequency", "on", JobState.Held, "Mail is held: the organisation wants a new sign-in at intervals", "Session > Sign-in frequency"),
        ("remembered-mfa", "on", JobState.Held, "Mail is held: the second factor was confirmed too long ago", "Multifactor authentication > Service settings"),
        ("consent-missing", "on", JobState.Held, "Mail is held: nobody has allowed the application to send mail", "Grant admin consent"),
        ("device-code-blocked", "on", JobState.Held, "Mail is held: a policy now blocks sign-ins made by code", "Conditions > Authentication flows"),
        ("refuse-refresh-with", "53003", JobState.Held, "Mail is held: a Conditional Access policy blocks the sign-in", "Sign-in logs"),
        ("assignment-required", "on", JobState.Held, "Mail is held: the account is not assigned to the application", "Enterprise applications > DeviceMail > Users and groups"),
        ("token-throttled", "60", JobState.Held, "Mail is held: sign-in service not reachable", "the gateway tries again by itself"),
        ("entra-unreachable", "on", JobState.Held, "Mail is held: sign-in service not reachable", "network, proxy and firewall"),
        ("entra-unavailable", "on", JobState.Held, "Mail is held: sign-in service not reachable", "network, proxy and firewall"),
        ("html-instead-of-json", "on", JobState.Held, "Mail is held: sign-in service not reachable", "network, proxy and firewall"),
        ("smtp-unreachable", "on", JobState.Held, "Mail is held: the mail server cannot be reached", "port 587 outwards"),
        ("smtp-throttle", "later", JobState.Waiting, "Mail waits: Exchange Online slows this sender down", "Nobody has to do anything"),
        ("smtp-throttle", "closing", JobState.Waiting, "Mail waits: the server is closing its connections", "the gateway connects anew"),
        ("smtp-auth-off-organisation", "on", JobState.Held, "Mail is held: SMTP AUTH is switched off for the organisation", "Set-CASMailbox 'scan@contoso.example' -SmtpClientAuthenticationDisabled $false"),
        ("smtp-auth-off-mailboxes", Mailbox, JobState.Held, "Mail is held: SMTP AUTH is switched off for this mailbox", "Manage email apps > Authenticated SMTP"),
        ("security-defaults", "on", JobState.Held, "Mail is held: security defaults switch SMTP AUTH off", "Manage security defaults"),
        ("refuse-next-auths", "2", JobState.Held, "Mail is held: Exchange Online does not take the sign-in", "checks its licence"),
        ("send-as-denied", "on", JobState.Held, "Mail is held: the mailbox may not send as this address", "Add-RecipientPermission"),
        ("over-quota", "on", JobState.Waiting, "Mail waits: the mailbox has sent as much as it may in a day", "the next attempt is in 60 min"),
        ("mailbox-full", "on", JobState.Held, "Mail is held: the sending mailbox is full", "Set-Mailbox 'scan@contoso.example' -RetentionPolicy"),
        ("concurrent-sends", "0", JobState.Waiting, "Mail waits: too many mails at once for this mailbox", "within a minute"),
        ("recipients-per-day", "0", JobState.Waiting, "Mail waits: the mailbox has sent as much as it may in a day", "a device that sends without end"),
        ("recipients-per-message", "0", JobState.Waiting, "Mail waits: more recipients than one mail may have", "1 job is waiting"),
        ("mailbox-megabytes", "0", JobState.Failed, "The last mail was not delivered: the mail is too large for the mailbox", "-MaxSendSize"),
        ("script-connect", "9 554 5.7.1 Access denied, banned sending IP", JobState.Held, "Mail is held: the server does not take mail from this gateway", "Nothing is lost"),
        ("script-ehlo", "9 550 5.7.1 not you", JobState.Held, "Mail is held: no encryption offered", "Nothing is lost"),
        ("script-auth", "9 454 4.7.0 Temporary authentication failure", JobState.Waiting, "Mail waits: the server cannot check the sign-in for the moment", "Nobody has to do anything"),
        ("script-data", "9 554 5.6.0 malformed", JobState.Failed, "The last mail was not delivered: the mail was refused", "The sender reads what the server said"),
        ("script-mail", "9 550 5.7.60 Client does not have permissions to send as this sender", JobState.Held, "Mail is held: the mailbox may not send as this address", "Nothing is lost"),
        ("script-enddata", "9 550 5.7.501 Access denied, spam abuse detected", JobState.Held, "Mail is held: the provider has stopped this account's sending", "Nothing is lost"),
        ("script-rcpt", "9 550 5.1.1 no such user here", JobState.Failed, "The last mail was not delivered: the recipient was refused", "checks the address in the device's address book"),
        ("graph-throttled", "60", JobState.Waiting, "Mail waits: waiting for the provider's limit", "Nobody has to do anything"),
        ("graph-unavailable", "on", JobState.Waiting, "Mail waits: the mail server asked to wait", "Nobody has to do anything"),
        ("graph-unreachable", "on", JobState.Waiting, "Mail waits: the mail server cannot be reached", "network and firewall"),
        ("graph-access-denied", "on", JobState.Held, "Mail is held: sending by Microsoft Graph is not allowed", "Mail.Send"),
        ("graph-mailbox-missing", "on", JobState.Held, "Mail is held: Microsoft Graph finds no mailbox", "a licence with a mailbox"),
        ($"{ByGraph}send-as-denied", "on", JobState.Held, "Mail is held: not allowed to send as this address", "Add-RecipientPermission"),
        ($"{ByGraph}recipients-per-day", "0", JobState.Waiting, "Mail waits: the provider's daily limit is reached", "Nobody has to do anything"),
        ($"{ByGraph}mailbox-full", "on", JobState.Held, "Mail is held: the sending mailbox is full", "empties Sent Items"),
        ($"{ByGraph}mailbox-megabytes", "0", JobState.Failed, "The last mail was not delivered: the mail is too large", "a lower resolution"),
    ];

    /// <summary>Switches that stop no mail, or only a sign-in, which has its walks in <see cref="SignInWalks"/>; or that only set how the lab behaves.</summary>
    private static readonly string[] _elsewhere =
    [
        "poll-interval", "device-code-seconds", "slow-down-next-polls", "user-consent-off", "public-client-flows-off", "single-tenant",
        "access-tokens-expired", "access-token-seconds", "access-token-length", "slow", "drop-after-dot", "passwords-allowed", "messages-per-minute", "minute-limit", "idle-seconds",
        "client-secret-expired", "consent-wrong-tenant", "graph-lose-answer",
        "device-code-report-only", "directory-late", "directory-throttled", "assigned-people",
        // The pretend scanner is tried by ScannerTests, SaneTests and ScanToMailTests.
        "scanner-sleep", "scanner-cover-open", "scanner-jam-at", "scanner-cut-at", "scanner-busy-jobs", "scanner-busy-pages", "scanner-retry-after", "scanner-slow", "scanner-chunked",
        "scanner-relative-location", "scanner-aborted-answer", "scanner-without-feeder", "scanner-without-glass", "scanner-without-duplex", "scanner-without-pdf",
    ];

    [Fact]
    public void Each_switch_of_the_lab_is_walked() =>
        Assert.Equal(SwitchTable.Rows.Select(row => row.Name).Order(), _trouble.Select(row => row.Switch.Replace(ByGraph, "", StringComparison.Ordinal)).Concat(_elsewhere).Distinct().Order());

    [Fact]
    public async Task Each_switch_is_explained_to_the_administrator_at_the_panel_and_in_the_job()
    {
        var faults = new ConcurrentQueue<string>();
        // Each walk mostly waits.
        await Parallel.ForEachAsync(_trouble, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (row, _) =>
        {
            try
            {
                await WalkAsync(row.Switch, row.Value, row.Job, row.Answer, row.Advice);
            }
            catch (Exception fault)
            {
                faults.Enqueue($"{row.Switch} {row.Value}: {fault.Message}");
            }
        });
        Assert.True(faults.IsEmpty, string.Join(Environment.NewLine, faults));
    }

    private static async Task WalkAsync(string name, string value, JobState state, string answer, string advice)
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        if (name.StartsWith("graph", StringComparison.Ordinal)) await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph });
        await gateway.SignInAsync();
        gateway.Lab.Switches.AccessTokensExpired = true;
        Assert.True(SwitchTable.Find(name.Replace(ByGraph, "", StringComparison.Ordinal))!.Write(gateway.Lab.Switches, value));
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1) is { Problem: not null } tried && tried.State == state);
        var job = gateway.Queue.Find(1)!;
        var problem = Problems.Find(job.Problem, job.ServerWords)!;

        await using var browser = await Browser.LogInAsync(gateway);
        await browser.GoAsync("/");
        await Assertions.Expect(browser.Page.Locator("#answer")).ToContainTextAsync(answer);
        await browser.SeesAsync(advice);
        await browser.SeesNotAsync("MAILBOX");
        await browser.GoAsync("/jobs?open=1");
        foreach (var words in (string[])[problem.Title, problem.Cause, job.ServerWords!]) await browser.SeesAsync(words);

        await using var panel = await PanelBrowser.PairAsync(gateway);
        var alert = panel.Page.GetByRole(AriaRole.Region, new() { Name = "Alert" });
        if (state == JobState.Held) await Assertions.Expect(alert).ToContainTextAsync($"{problem.Title}{(problem.Code is { } code ? $" (code {code})" : "")}. Mail is kept");
        else await Assertions.Expect(alert).ToHaveCountAsync(0);
        await panel.SelectAsync("Job/Status", "Job Status");
        await Assertions.Expect(panel.Page.Locator("main")).ToContainTextAsync($"{state}: {problem.Title}");
    }
}
