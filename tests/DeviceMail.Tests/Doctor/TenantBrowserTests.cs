using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Doctor;
using DeviceMail.Lab.Directory;
using DeviceMail.Lab.Entra;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using static DeviceMail.Tests.Doctor.TenantTests;

namespace DeviceMail.Tests.Doctor;

/// <summary>The set-up by an administrator in a browser, and what it foretells about the mailbox's own sign-in.</summary>
public sealed class TenantBrowserTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_everything_is_closed_the_set_up_and_the_mailbox_go_by_browser_and_mail_goes_out_by_Graph()
    {
        await using var gateway = await EmptyAsync();
        var switches = gateway.Lab.Switches;
        (switches.UserConsentOff, switches.DeviceCodeBlocked, switches.SmtpAuthOffForOrganisation, switches.SecurityDefaults) = (true, true, true, true);
        var visit = await BeginAsync(gateway);
        Assert.True(await visit.AnswerAsync(gateway.Lab.Authorizations.Approve(new Uri(visit.Facts.SignInAddress), Administrator).ToString()));
        await ShownAsync(visit);
        Assert.Equal((Administrator, $"{LabTenant.TenantId}", ""), (visit.Facts.SignedInAs, visit.Facts.TenantId, visit.Facts.SignInAddress));
        visit.Yes();
        await OverAsync(visit);
        Assert.Equal(TenantStage.Done, visit.Facts.Stage);

        var account = await gateway.UseGraphAsync(one => one with { ClientId = visit.Facts.ClientId, TenantId = visit.Facts.TenantId });
        await SignInInBrowserAsync(gateway, account);
        await gateway.HandInAsync("by Graph", "anna@contoso.example");
        var mail = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal(("graph", SessionOrigin.AuthorizationCode, Mailbox), (mail.Envelope.Way, mail.Envelope.Origin, mail.Envelope.SignedIn));
        // A renewal is not touched by the policy.
        switches.AccessTokensExpired = true;
        await gateway.HandInAsync("renewed", "ben@contoso.example");
        await gateway.ArrivesAsync("ben@contoso.example");
    }

    [Fact]
    public async Task Anybody_may_be_signed_in_there_nothing_lasting_is_asked_for_and_the_browser_lands_on_this_machine()
    {
        await using var gateway = await EmptyAsync();
        var asked = AuthorizationCodes.Read((await BeginAsync(gateway)).Facts.SignInAddress);
        Assert.Equal(("http://localhost", "select_account", TenantRequest.UsualSignInApplication), (asked["redirect_uri"], asked["prompt"], asked["client_id"]));
        Assert.False(asked.ContainsKey("login_hint"));
        Assert.Equal(TenantPermissions.Scopes(Request(gateway).Where()), asked["scope"]);

        var waited = await gateway.Services.GetRequiredService<TenantVisits>().StartAsync(Request(gateway) with { InBrowser = true, LoopbackPort = 5123 });
        Assert.Equal("http://localhost:5123", AuthorizationCodes.Read(waited.Facts.SignInAddress)["redirect_uri"]);
        Assert.Equal("port", Assert.Single((Request(gateway) with { LoopbackPort = 0 }).Faults()).Field);
    }

    [Fact]
    public async Task Only_the_answer_to_this_sign_in_counts_and_only_once()
    {
        await using var gateway = await EmptyAsync();
        var former = await BeginAsync(gateway);
        var late = gateway.Lab.Authorizations.Approve(new Uri(former.Facts.SignInAddress), Administrator).ToString();
        var visit = await BeginAsync(gateway);
        foreach (var wrong in (string[])["", "no address", "http://localhost/?code=1", "http://localhost/?code=1&state=2", late]) Assert.False(await visit.AnswerAsync(wrong));
        Assert.Equal(TenantStage.SigningIn, visit.Facts.Stage);

        var landed = gateway.Lab.Authorizations.Approve(new Uri(visit.Facts.SignInAddress), Administrator).ToString();
        Assert.True(await visit.AnswerAsync(landed));
        Assert.False(await visit.AnswerAsync(landed));
        await ShownAsync(visit);
        Assert.False(await visit.AnswerAsync(landed));
    }

    [Fact]
    public async Task A_refusal_in_the_browser_ends_it_with_a_sentence()
    {
        await using var gateway = await EmptyAsync();
        var declined = await BeginAsync(gateway);
        Assert.True(await declined.AnswerAsync(gateway.Lab.Authorizations.Decline(new Uri(declined.Facts.SignInAddress), Administrator).ToString()));
        Assert.Equal((TenantStage.Ended, "The administrator declined at Microsoft's page."), (declined.Facts.Stage, declined.Facts.Obstacle?.Sentence));

        // Nobody but an administrator gets past Microsoft's page.
        var person = await BeginAsync(gateway);
        Assert.Equal(90094, gateway.Lab.Authorizations.Go(new Uri(person.Facts.SignInAddress), Mailbox, ConsentDecision.Accept).Refusal?.Number);
        person.End();
        await OverAsync(person);
        Assert.False(await person.AnswerAsync("http://localhost/?code=1&state=2"));
    }

    [Fact]
    public void Where_codes_are_blocked_the_remedy_is_the_browser()
    {
        var blocked = new SignInStep.Blocked(EntraErrors.Explain("access_denied", [53003], ""), "AADSTS53003");
        var byCode = TenantSignIns.ObstacleOf(blocked, SignInWay.DeviceCode);
        Assert.True(byCode.IsForBrowser);
        Assert.Contains("sign in in this browser (on the command line: --browser)", byCode.Remedy, StringComparison.Ordinal);
        var inBrowser = TenantSignIns.ObstacleOf(blocked, SignInWay.Browser);
        Assert.False(inBrowser.IsForBrowser);
        Assert.DoesNotContain("code", inBrowser.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_in_report_only_foretells_the_end_of_a_sign_in_by_code_until_it_is_gone_or_a_browser_signs_in()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Switches.DeviceCodeReportOnly = true;
        await gateway.SignInAsync();
        Assert.Null(Saved(gateway).PredictedEnd);
        var isTold = false;
        gateway.Status.Changed += _ => isTold = true;

        await PreviewAsync(gateway, Request(gateway));
        var signedIn = Saved(gateway);
        Assert.True(isTold);
        Assert.Equal(25, (signedIn.PredictedEnd - TimeProvider.System.GetUtcNow())!.Value.TotalDays, 0.1);
        Assert.Contains("“Microsoft-managed: Block device code flow”", signedIn.EndReason, StringComparison.Ordinal);
        Assert.Contains("A sign-in in a browser is not touched", signedIn.EndReason, StringComparison.Ordinal);

        var mailbox = $"{gateway.Lab.Tenant.Find(Mailbox)!.Id}";
        gateway.Lab.Directory.ExcludedFromPolicies.Add(mailbox);
        await PreviewAsync(gateway, Request(gateway));
        Assert.Null(Saved(gateway).PredictedEnd);

        gateway.Lab.Directory.ExcludedFromPolicies.Remove(mailbox);
        await PreviewAsync(gateway, Request(gateway));
        Assert.NotNull(Saved(gateway).PredictedEnd);
        await SignInInBrowserAsync(gateway, gateway.Account);
        Assert.Null(Saved(gateway).PredictedEnd);
    }

    [Fact]
    public async Task A_policy_that_blocks_already_foretells_the_next_renewal()
    {
        await using var gateway = await EmptyAsync();
        await gateway.SignInAsync();
        (gateway.Lab.Switches.DeviceCodeBlocked, gateway.Lab.Switches.DeviceCodeReportOnly) = (true, true);
        var visit = await BeginAsync(gateway);
        await visit.AnswerAsync(gateway.Lab.Authorizations.Approve(new Uri(visit.Facts.SignInAddress), Administrator).ToString());
        await ShownAsync(visit);
        var signedIn = Saved(gateway);
        Assert.InRange(signedIn.PredictedEnd!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(80), SignInForecast.NextRefresh);
        Assert.Contains("the next renewal ends this one", signedIn.EndReason, StringComparison.Ordinal);

        // And so it comes.
        gateway.Lab.Switches.AccessTokensExpired = true;
        await gateway.HandInAsync("held", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Status.SavedStatusOf(gateway.Account.Id) is AccountStatus.SignInAgain);
    }

    [Fact]
    public async Task Policies_that_may_not_be_read_leave_what_was_foretold()
    {
        await using var gateway = await EmptyAsync();
        await gateway.SignInAsync();
        var end = new ForetoldEnd(TimeProvider.System.GetUtcNow().AddDays(3), "Block codes");
        await gateway.Services.GetRequiredService<AccountSignIn>().ForetellAsync(gateway.Account, end);
        foreach (var permission in TenantPermissions.Asked) gateway.Lab.Tenant.ConsentForOrganisation($"graph/{permission.Name}");

        var visit = await BeginAsync(gateway);
        await visit.AnswerAsync(gateway.Lab.Authorizations.Approve(new Uri(visit.Facts.SignInAddress), "anna@contoso.example").ToString());
        await OverAsync(visit);

        Assert.Equal(TenantStage.Ended, visit.Facts.Stage);
        Assert.Equal(end.At, Saved(gateway).PredictedEnd);
    }

    private static AccountStatus.SignedIn Saved(LabGateway gateway) => Assert.IsType<AccountStatus.SignedIn>(gateway.Status.SavedStatusOf(gateway.Account.Id));

    private static async Task<TenantVisit> BeginAsync(LabGateway gateway)
    {
        var visit = await gateway.Services.GetRequiredService<TenantVisits>().StartAsync(Request(gateway) with { InBrowser = true });
        Assert.True(visit.Facts.Stage == TenantStage.SigningIn, $"{visit.Facts.Obstacle}");
        Assert.Equal("", visit.Facts.UserCode);
        return visit;
    }

    /// <summary>The mailbox signs in in a browser, and its address is pasted.</summary>
    private static async Task SignInInBrowserAsync(LabGateway gateway, Account account)
    {
        var signIn = gateway.Services.GetRequiredService<AccountSignIn>();
        var begun = Assert.IsType<SignInStart.InBrowser>(await signIn.StartInBrowserAsync(account, MicrosoftAuthority.LoopbackOf(account, null), Cancel));
        var (_, step) = await signIn.AnswerAsync(gateway.Lab.Authorizations.Approve(begun.Address, Mailbox).ToString(), Cancel);
        Assert.True(step is SignInStep.SignedIn, $"{step}");
        Assert.Null(await signIn.ConfirmAsync(account));
    }
}
