using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Doctor;
using DeviceMail.Lab.Directory;
using DeviceMail.Lab.Entra;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Doctor;

/// <summary>The set-up of an organisation in front of the pretend Microsoft 365.</summary>
public sealed class TenantTests
{
    internal const string Mailbox = "scan@contoso.example", Administrator = "admin@contoso.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_changed_before_a_yes_and_just_what_was_shown_after_it()
    {
        await using var gateway = await EmptyAsync();
        var visit = await PreviewAsync(gateway, Request(gateway));

        Assert.Equal(0, gateway.Lab.Directory.Writes);
        Assert.Equal(["application", "service-principal", "smtp-send", "mail-send"], visit.Facts.Steps.Select(step => step.Key));
        Assert.All(visit.Facts.Steps, step => Assert.NotEmpty(step.Would));
        Assert.Equal((Administrator, $"{LabTenant.TenantId}"), (visit.Facts.SignedInAs, visit.Facts.TenantId));

        visit.Yes();
        await OverAsync(visit);

        Assert.Equal(TenantStage.Done, visit.Facts.Stage);
        Assert.Equal(4, gateway.Lab.Directory.Writes);
        var made = Assert.Single(gateway.Lab.Directory.Applications);
        Assert.Equal(("DeviceMail", made.AppId, (bool?)true, "AzureADMyOrg"), (made.DisplayName, visit.Facts.ClientId, made.IsFallbackPublicClient, made.SignInAudience));
        Assert.Equal(["http://localhost", "https://login.microsoftonline.com/common/oauth2/nativeclient"], made.PublicClient.RedirectUris);
        Assert.Equal(["258f6531-6087-4cc4-bb90-092c5fb3ed3f", "e383f46e-2787-4529-855e-0e479a3ffac0"], made.RequiredResourceAccess.SelectMany(one => one.ResourceAccess).Select(one => one.Id));
        Assert.All(made.RequiredResourceAccess.SelectMany(one => one.ResourceAccess), one => Assert.Equal("Scope", one.Type));
    }

    [Theory]
    [InlineData(ConsentReach.Mailbox, "Principal")]
    [InlineData(ConsentReach.Organisation, "AllPrincipals")]
    public async Task The_least_permission_is_granted(ConsentReach reach, string consentType)
    {
        await using var gateway = await EmptyAsync();
        await SetUpAsync(gateway, Request(gateway) with { Reach = reach });

        var grants = gateway.Lab.Directory.Grants;
        var scanner = reach == ConsentReach.Mailbox ? $"{gateway.Lab.Tenant.Find(Mailbox)!.Id}" : null;
        Assert.All(grants, grant => Assert.Equal((consentType, scanner), (grant.ConsentType, grant.PrincipalId)));
        var principals = gateway.Lab.Directory.Principals.ToDictionary(one => one.Id, one => one.AppId);
        Assert.Equal([(LabDirectory.ExchangeAppId, "SMTP.Send"), (LabDirectory.GraphAppId, "Mail.Send offline_access openid profile email")], grants.Select(grant => (principals[grant.ResourceId], grant.Scope)));
        var anna = gateway.Lab.Tenant.Find("anna@contoso.example")!;
        Assert.Equal(reach == ConsentReach.Organisation, gateway.Lab.Tenant.HasConsented(anna, "outlook/SMTP.Send"));
    }

    [Fact]
    public async Task A_second_run_finds_nothing_to_do()
    {
        await using var gateway = await EmptyAsync();
        var first = await SetUpAsync(gateway, Request(gateway));
        var writes = gateway.Lab.Directory.Writes;

        var second = await BeginAsync(gateway, Request(gateway), Administrator);
        await OverAsync(second);

        Assert.Equal((TenantStage.Done, false, false), (second.Facts.Stage, second.Facts.HasWork, second.Facts.HasDone));
        Assert.Equal(first.Facts.ClientId, second.Facts.ClientId);
        Assert.Equal(writes, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task An_application_that_is_there_gets_what_it_lacks_and_keeps_what_it_has()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Directory.Make(new ApplicationBody
        {
            DisplayName = "DeviceMail",
            PublicClient = new(["http://localhost", "app://own"]),
            RequiredResourceAccess = [new(LabDirectory.GraphAppId, [new("11111111-1111-1111-1111-111111111111", "Scope")])],
        });
        var visit = await PreviewAsync(gateway, Request(gateway) with { Redirect = "https://gateway.contoso.example/back" });
        Assert.Contains("lacks public client flows; the redirect address https://login.microsoftonline.com/common/oauth2/nativeclient", visit.Facts.Steps[0].Is, StringComparison.Ordinal);
        visit.Yes();
        await OverAsync(visit);

        Assert.Equal(TenantStage.Done, visit.Facts.Stage);
        var one = Assert.Single(gateway.Lab.Directory.Applications);
        Assert.Equal(["http://localhost", "app://own", "https://login.microsoftonline.com/common/oauth2/nativeclient", "https://gateway.contoso.example/back"], one.PublicClient.RedirectUris);
        Assert.Equal([(LabDirectory.GraphAppId, 2), (LabDirectory.ExchangeAppId, 1)], one.RequiredResourceAccess.Select(access => (access.ResourceAppId, access.ResourceAccess.Length)));
    }

    [Fact]
    public async Task The_applications_client_id_decides_before_its_name()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Directory.Make(new ApplicationBody { DisplayName = "DeviceMail" });
        var other = gateway.Lab.Directory.Make(new ApplicationBody { DisplayName = "Scanners" });
        Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(gateway.Account with { ClientId = other.AppId }));

        Assert.Equal(other.AppId, (await PreviewAsync(gateway, Request(gateway))).Facts.ClientId);
    }

    [Fact]
    public async Task Two_applications_of_the_name_are_not_guessed_between()
    {
        await using var gateway = await EmptyAsync();
        for (var i = 0; i < 2; i++) gateway.Lab.Directory.Make(new ApplicationBody { DisplayName = "DeviceMail" });

        var visit = await BeginAsync(gateway, Request(gateway), Administrator);
        await OverAsync(visit);

        Assert.Contains("There are 2 applications named DeviceMail", visit.Facts.Obstacle?.Sentence, StringComparison.Ordinal);
        Assert.Equal(2, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task After_the_set_up_the_mailbox_signs_in_by_code_and_sends_where_users_may_not_consent()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Switches.UserConsentOff = true;
        var visit = await SetUpAsync(gateway, Request(gateway));

        var accounts = gateway.Services.GetRequiredService<AccountRegister>();
        Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(gateway.Account with { ClientId = visit.Facts.ClientId, TenantId = visit.Facts.TenantId }));
        await gateway.SignInAsync();
        await gateway.HandInAsync("after the set-up", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");

        var again = await BeginAsync(gateway, Request(gateway), Administrator);
        await OverAsync(again);
        Assert.Equal(DoctorMark.Passed, Assert.Single(again.Facts.Lines, line => line.Key == "smtp-auth").Mark);
        Assert.Empty(again.Facts.Script);
    }

    [Fact]
    public async Task A_policy_in_report_only_is_told_with_its_date_and_one_that_is_on_as_blocking()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Switches.DeviceCodeReportOnly = true;
        var visit = await PreviewAsync(gateway, Request(gateway));
        var line = Assert.Single(visit.Facts.Lines, line => line.Key == "device-code-policy");
        Assert.Equal(DoctorMark.Warned, line.Mark);
        Assert.Contains($"from {Words.Date(TimeProvider.System.GetUtcNow().AddDays(25))} on at the earliest", line.Sentence, StringComparison.Ordinal);
        Assert.Contains($"announced 28 days before (from {Words.Date(TimeProvider.System.GetUtcNow().AddDays(-3))} on)", line.Sentence, StringComparison.Ordinal);

        var blocked = await BeginAsync(gateway, Request(gateway), Administrator);
        gateway.Lab.Switches.DeviceCodeBlocked = true;
        await ShownAsync(blocked);
        Assert.Equal([DoctorMark.Failed, DoctorMark.Warned], blocked.Facts.Lines.Where(line => line.Key == "device-code-policy").Select(line => line.Mark));

        gateway.Lab.Directory.ExcludedFromPolicies.Add($"{gateway.Lab.Tenant.Find(Mailbox)!.Id}");
        gateway.Lab.Switches.DeviceCodeBlocked = false;
        var excluded = await PreviewAsync(gateway, Request(gateway));
        Assert.Contains($"leaves {Mailbox} out", Assert.Single(excluded.Facts.Lines, line => line.Key == "device-code-policy").Sentence, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task Security_defaults_are_told_with_what_follows_and_left_on()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Switches.SecurityDefaults = true;
        var visit = await SetUpAsync(gateway, Request(gateway));

        var line = Assert.Single(visit.Facts.Lines, line => line.Key == "security-defaults");
        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.Contains("counts SMTP AUTH as switched off for every mailbox", line.Sentence, StringComparison.Ordinal);
        Assert.Contains("Mail.Send", line.Remedy, StringComparison.Ordinal);
        Assert.True(gateway.Lab.Switches.SecurityDefaults);
        Assert.Equal(["Connect-ExchangeOnline", $"Set-CASMailbox -Identity '{Mailbox}' -SmtpClientAuthenticationDisabled $false"], visit.Facts.Script);
    }

    [Fact]
    public async Task An_administrator_without_the_rights_is_told_in_one_sentence()
    {
        await using var gateway = await EmptyAsync();
        foreach (var permission in TenantPermissions.Asked) gateway.Lab.Tenant.ConsentForOrganisation($"graph/{permission.Name}");
        var visit = await BeginAsync(gateway, Request(gateway), "anna@contoso.example");
        await OverAsync(visit);

        Assert.Equal("The account that signed in does not have the rights for this.", visit.Facts.Obstacle?.Sentence);
        Assert.Contains("Cloud Application Administrator", visit.Facts.Obstacle?.Remedy, StringComparison.Ordinal);
        Assert.Contains("Authorization_RequestDenied", visit.Facts.Obstacle?.ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_no_administrator_cannot_agree_at_Microsofts_page()
    {
        await using var gateway = await EmptyAsync();
        var visit = await gateway.Services.GetRequiredService<TenantVisits>().StartAsync(Request(gateway));

        Assert.Equal(90094, gateway.Lab.SignIns.Approve(visit.Facts.UserCode, Mailbox).Refusal?.Number);

        var told = TenantSignIns.ObstacleOf(new SignInStep.Blocked(EntraErrors.Explain("access_denied", [90094], ""), "AADSTS90094"), SignInWay.DeviceCode);
        Assert.Equal("The account that signed in may not agree to these permissions.", told.Sentence);
        var policy = TenantSignIns.ObstacleOf(new SignInStep.Blocked(EntraErrors.Explain("access_denied", [53003], ""), "AADSTS53003"), SignInWay.DeviceCode);
        Assert.Contains("blocks sign-ins by code", policy.Sentence, StringComparison.Ordinal);
        Assert.Contains("Application Registration has the same as a script", policy.Remedy, StringComparison.Ordinal);
        visit.End();
        await OverAsync(visit);
    }

    [Theory]
    [InlineData(TenantStage.SigningIn)]
    [InlineData(TenantStage.Preview)]
    public async Task Cancelling_changes_nothing_and_a_late_yes_does_nothing(TenantStage at)
    {
        await using var gateway = await EmptyAsync();
        var visit = at == TenantStage.Preview ? await PreviewAsync(gateway, Request(gateway)) : await gateway.Services.GetRequiredService<TenantVisits>().StartAsync(Request(gateway));
        Assert.Equal(at, visit.Facts.Stage);

        visit.End();
        await OverAsync(visit);
        visit.Yes();

        Assert.Equal(new TenantObstacle("The set-up was cancelled.", "Nothing was changed."), visit.Facts.Obstacle);
        Assert.Equal(0, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task After_15_minutes_it_is_over()
    {
        await using var gateway = await EmptyAsync();
        var time = new SteppedTime();
        var visit = new TenantVisit("", Request(gateway), DoctorSetup.TenantPartsOf(gateway.Services, time));
        await visit.BeginAsync(Cancel);
        gateway.Lab.SignIns.Approve(visit.Facts.UserCode, Administrator);
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => visit.Facts.Stage == TenantStage.Preview);

        time.Advance(TimeSpan.FromMinutes(15));
        await OverAsync(visit);

        Assert.Equal("The set-up has ended: 15 minutes are over.", visit.Facts.Obstacle?.Sentence);
        Assert.Equal(0, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task The_administrators_token_is_nowhere_afterwards()
    {
        await using var gateway = await EmptyAsync();
        var visit = await SetUpAsync(gateway, Request(gateway));
        Assert.Equal(TenantStage.Done, visit.Facts.Stage);
        // The pretend tokens begin with the same letters for all of one person, and nothing else of the folder does.
        var start = Convert.ToBase64String("{\"typ\":\"JWT\""u8.ToArray()).TrimEnd('=')[..14];
        var told = await TokenAsync(gateway, Administrator);
        Assert.StartsWith(start, told.Reveal(), StringComparison.Ordinal);

        foreach (var file in Directory.EnumerateFiles(gateway.DataPath, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not ("lock" or "control.sock")))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var octets = new byte[stream.Length];
            var read = await stream.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, Cancel);
            Assert.DoesNotContain(start, Encoding.Latin1.GetString(octets, 0, read), StringComparison.Ordinal);
        }
        var logs = string.Join('\n', gateway.Services.GetRequiredService<ActivityLog>().Latest(100).Select(entry => entry.Sentence));
        Assert.Contains("Set up the organisation", logs, StringComparison.Ordinal);
        Assert.DoesNotContain(start, logs, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mailbox", "nobody", "", "")]
    [InlineData("authority", Mailbox, "http://login.contoso.example", "")]
    [InlineData("graph", Mailbox, "", "http://graph.contoso.example/v1.0")]
    [InlineData("graph", Mailbox, "", "https://graph.contoso.example/v1.0")]
    [InlineData("graph", Mailbox, "https://login.microsoftonline.com", "https://graph.contoso.example/v1.0")]
    public void A_sign_in_goes_by_https_alone_and_to_nobody_else(string field, string mailbox, string authority, string graph) =>
        Assert.Equal(field, Assert.Single(new TenantRequest(mailbox) { Authority = authority, Graph = graph }.Faults()).Field);

    [Fact]
    public void Each_cloud_has_its_own_addresses_and_permissions() => Assert.All(TenantCloud.All, cloud =>
    {
        var asked = new TenantRequest(Mailbox) { Cloud = cloud.Key };
        Assert.Empty(asked.Faults());
        Assert.StartsWith($"{cloud.Resource}/Application.ReadWrite.All ", TenantPermissions.Scopes(asked.Where()), StringComparison.Ordinal);
        Assert.StartsWith($"{cloud.Resource}/v1.0", asked.Where().Graph, StringComparison.Ordinal);
        Assert.DoesNotContain("offline_access", TenantPermissions.Scopes(cloud), StringComparison.Ordinal);
    });

    internal static TenantRequest Request(LabGateway gateway) => new(Mailbox) { Authority = $"{gateway.Lab.Web}", Graph = $"{gateway.Lab.Web}graph/v1.0" };

    /// <summary>The organisation knows no application yet; the account's ids are of none that the directory shows.</summary>
    internal static Task<LabGateway> EmptyAsync() => LabGateway.StartAsync();

    private static async Task<TenantVisit> BeginAsync(LabGateway gateway, TenantRequest request, string who)
    {
        var visit = await gateway.Services.GetRequiredService<TenantVisits>().StartAsync(request);
        Assert.Null(gateway.Lab.SignIns.Approve(visit.Facts.UserCode, who).Refusal);
        return visit;
    }

    internal static async Task<TenantVisit> PreviewAsync(LabGateway gateway, TenantRequest request)
    {
        var visit = await BeginAsync(gateway, request, Administrator);
        await ShownAsync(visit);
        return visit;
    }

    internal static async Task<TenantVisit> SetUpAsync(LabGateway gateway, TenantRequest request)
    {
        var visit = await PreviewAsync(gateway, request);
        visit.Yes();
        await OverAsync(visit);
        return visit;
    }

    internal static async Task ShownAsync(TenantVisit visit)
    {
        await LabGateway.EventuallyAsync(() => visit.Facts.IsOver || visit.Facts.Stage == TenantStage.Preview);
        Assert.True(visit.Facts.Stage == TenantStage.Preview, $"{visit.Facts.Obstacle}");
    }

    internal static Task OverAsync(TenantVisit visit) => LabGateway.EventuallyAsync(() => visit.Facts.IsOver);

    internal static async Task<TenantGraph> GraphAsync(LabGateway gateway, TimeProvider time) =>
        new(gateway.Services.GetRequiredService<OAuthChannel>(), Request(gateway).Graph, await TokenAsync(gateway, Administrator), time);

    private static async Task<Secret> TokenAsync(LabGateway gateway, string who)
    {
        var signIns = new TenantSignIns(gateway.Services.GetRequiredService<OAuthChannel>(), gateway.Services.GetRequiredService<ClientCredentials>(), TimeProvider.System);
        var (signIn, _) = await signIns.ByCodeAsync(Request(gateway), Cancel);
        gateway.Lab.SignIns.Approve(((TenantPrompt.Code)signIn!.Prompt).UserCode, who);
        return Assert.IsType<TenantSignInEnd.SignedIn>(await signIn.WaitAsync(Cancel)).Token;
    }
}
