using DeviceMail.Accounts;
using DeviceMail.Doctor;
using DeviceMail.Lab.Switches;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Doctor;

/// <summary>The doctor in front of the pretend Microsoft 365: for each thing that stands in the way, the line that says so.</summary>
public sealed class DoctorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_way_passes_and_nothing_is_sent_or_changed()
    {
        await using var gateway = await SignedInAsync();
        var folder = gateway.Services.GetRequiredService<DataFolder>().Path;
        var (files, before) = (Directory.GetFiles(folder).Order(), gateway.Account);

        var report = await ExamineAsync(gateway);

        Assert.Equal(0, report.Failed);
        Assert.Equal(0, report.Unknown);
        Assert.All(report.Lines.Where(line => line.Account.Length > 0), line => Assert.Equal(DoctorMark.Passed, line.Mark));
        Assert.Equal(
        [
            "data-folder-space", "data-folder-sync", "data-folder-rights", "clock", "roots", "own-roots",
            "sign-in-name", "mail-name", "sign-in-route", "proxy", "mail-route", "sign-in-tls", "mail-tls",
            "device-code", "token", "device-code-allowed", "smtp-auth", "smtp-auth-switch", "sender",
            "second-route", "own-certificate", "listeners", "version",
        ], report.Lines.Select(line => line.Key));
        Assert.Contains("PRETEND lab root", Line(report, "mail-tls").Sentence, StringComparison.Ordinal);
        Assert.Empty(gateway.Lab.Mailboxes["scan@contoso.example"]);
        Assert.Equal(files, Directory.GetFiles(folder).Order());
        Assert.Equal(before, gateway.Account);
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(before.Id));
    }

    [Fact]
    public async Task Where_SMTP_is_refused_and_mail_goes_by_Graph_nothing_fails_and_both_lines_say_so()
    {
        await using var gateway = await SignedInAsync(TransportChoice.Automatic);
        gateway.Lab.Switches.SecurityDefaults = true;
        var report = await ExamineAsync(gateway);
        Assert.Equal(0, report.Failed);
        Assert.Equal((DoctorMark.Passed, DoctorMark.Passed, DoctorMark.Warned), (Line(report, "graph-tls").Mark, Line(report, "graph").Mark, Line(report, "smtp-auth").Mark));
        Assert.Contains("mail goes out by Microsoft Graph", Line(report, "smtp-auth").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_sends_by_Graph_alone_is_not_asked_about_its_mail_server()
    {
        await using var gateway = await SignedInAsync(TransportChoice.Graph);
        gateway.Lab.Switches.SmtpUnreachable = true;
        var report = await ExamineAsync(gateway);
        Assert.Equal(0, report.Failed);
        Assert.Equal(["sign-in-name", "sign-in-route", "proxy", "sign-in-tls", "device-code", "token", "device-code-allowed", "graph-tls", "graph"], report.Lines.Where(line => line.Account.Length > 0).Select(line => line.Key));
    }

    [Fact]
    public async Task The_end_of_what_an_application_proves_itself_with_is_told_weeks_before()
    {
        await using var gateway = await LabGateway.StartAsync();
        gateway.Lab.Tenant.AllowApplicationPermission("outlook/SMTP.SendAsApp");
        gateway.Lab.Tenant.AllowApplication("scan@contoso.example");
        var now = TimeProvider.System.GetUtcNow();
        var accounts = gateway.Services.GetRequiredService<AccountRegister>();
        foreach (var (days, mark) in ((int, DoctorMark)[])[(100, DoctorMark.Passed), (20, DoctorMark.Warned), (-1, DoctorMark.Failed)])
        {
            Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(gateway.Account with { SignInAs = SignInAs.Application, SecretEnds = now.AddDays(days) }, new TypedSecrets(null, new Secret(DeviceMail.Lab.Entra.LabTenant.ClientSecret))));
            Assert.IsType<SignInStep.SignedIn>(await gateway.Services.GetRequiredService<AccountSignIn>().SignInApplicationAsync(gateway.Account, Cancel));
            var report = await ExamineAsync(gateway);
            Assert.Equal((mark, DoctorMark.Passed), (Line(report, "credential").Mark, Line(report, "token").Mark));
            Assert.DoesNotContain(report.Lines, line => line.Key == "device-code");
        }
    }

    [Theory]
    [InlineData("smtp-auth-off-organisation", "on", "The organisation's switch for SMTP AUTH stands in the way", "Set-TransportConfig -SmtpClientAuthenticationDisabled $false")]
    [InlineData("smtp-auth-off-mailboxes", "scan@contoso.example", "The mailbox's own switch for SMTP AUTH stands in the way", "Set-CASMailbox -Identity 'scan@contoso.example' -SmtpClientAuthenticationDisabled $false")]
    [InlineData("security-defaults", "on", "Security defaults stand in the way", "Update-MgPolicyIdentitySecurityDefaultEnforcementPolicy -IsEnabled:$false")]
    [InlineData("script-auth", "9 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled.", "One of these stands in the way", "Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled")]
    [InlineData("script-auth", "9 535 5.7.139 Authentication unsuccessful", "One of these stands in the way", "(Get-MgPolicyIdentitySecurityDefaultEnforcementPolicy).IsEnabled")]
    public async Task G1_2_the_switch_of_SMTP_AUTH_is_named_with_click_path_and_PowerShell(string name, string value, string sentence, string powerShell)
    {
        await using var gateway = await SignedInAsync();
        Assert.True(SwitchTable.Find(name)!.Write(gateway.Lab.Switches, value));

        var report = await ExamineAsync(gateway);

        Assert.Equal(DoctorMark.Failed, Line(report, "smtp-auth").Mark);
        Assert.StartsWith("The next line", Line(report, "smtp-auth").Remedy, StringComparison.Ordinal);
        var line = Line(report, "smtp-auth-switch");
        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.StartsWith(sentence, line.Sentence, StringComparison.Ordinal);
        Assert.Contains("535 5.7.139", line.ServerWords, StringComparison.Ordinal);
        Assert.Contains(powerShell, line.Ways.SelectMany(way => way.Lines));
        Assert.All(line.Ways, way => Assert.Contains(" > ", way.Path, StringComparison.Ordinal));
        Assert.Equal(DoctorMark.Unknown, Line(report, "sender").Mark);
    }

    [Fact]
    public async Task Without_a_sign_in_code_360_is_said_and_the_switches_stay_unknown()
    {
        await using var gateway = await LabGateway.StartAsync();
        var report = await ExamineAsync(gateway);

        Assert.Equal(DoctorMark.Passed, Line(report, "device-code").Mark);
        Assert.StartsWith("Not signed in (code 360)", Line(report, "token").Sentence, StringComparison.Ordinal);
        Assert.Equal(["device-code-allowed", "smtp-auth", "smtp-auth-switch", "sender"], report.Lines.Where(line => line.Mark == DoctorMark.Unknown).Select(line => line.Key));
        Assert.Contains("“token” above", Line(report, "smtp-auth").Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("device-code-blocked", "on", "token", "A policy now blocks sign-ins made by code (code 370)")]
    [InlineData("device-code-blocked", "on", "device-code-allowed", "A policy blocks this sign-in.")]
    [InlineData("consent-missing", "on", "token", "(code 370)")]
    [InlineData("expired-by-disuse", "on", "token", "(code 361)")]
    [InlineData("token-revoked", "on", "token", "(code 370)")]
    [InlineData("public-client-flows-off", "on", "device-code", "public client flows")]
    [InlineData("entra-unreachable", "on", "token", "Sign-in service not reachable (code 360)")]
    [InlineData("html-instead-of-json", "on", "device-code", "Sign-in service not reachable (code 360)")]
    [InlineData("smtp-unreachable", "on", "mail-tls", "was reached, but no mail server spoke there")]
    public async Task What_stands_in_the_way_fails_with_a_remedy(string name, string value, string key, string sentence)
    {
        await using var gateway = await SignedInAsync();
        Assert.True(SwitchTable.Find(name)!.Write(gateway.Lab.Switches, value));

        var line = Line(await ExamineAsync(gateway), key);

        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.Contains(sentence, line.Sentence, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(line.Remedy);
        Assert.NotEmpty(line.ServerWords);
    }

    [Theory]
    [InlineData("token-throttled", "30", "token", "The sign-in service is busy now.")]
    [InlineData("smtp-throttle", "closing", "mail-tls", "")]
    [InlineData("smtp-throttle", "later", "sender", "")]
    public async Task A_limit_that_passes_is_no_failure(string name, string value, string key, string sentence)
    {
        await using var gateway = await SignedInAsync();
        Assert.True(SwitchTable.Find(name)!.Write(gateway.Lab.Switches, value));

        var report = await ExamineAsync(gateway);

        Assert.Equal(DoctorMark.Unknown, Line(report, key).Mark);
        Assert.StartsWith(sentence, Line(report, key).Sentence, StringComparison.Ordinal);
        Assert.NotEmpty(Line(report, key).ServerWords);
        Assert.Equal(0, report.Failed);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_named_and_the_token_is_not_shown_to_it()
    {
        await using var gateway = await SignedInAsync();
        File.Delete(Path.Combine(gateway.Services.GetRequiredService<DataFolder>().TrustedRoots, "lab.pem"));

        var report = await ExamineAsync(gateway);

        Assert.Contains("PRETEND lab root, an authority that this gateway does not know", Line(report, "mail-tls").Sentence, StringComparison.Ordinal);
        Assert.Equal(DoctorMark.Failed, Line(report, "mail-tls").Mark);
        Assert.Equal(DoctorMark.Unknown, Line(report, "smtp-auth").Mark);
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_is_named()
    {
        await using var gateway = await LabGateway.StartAsync();
        var path = Path.Combine(gateway.Services.GetRequiredService<DataFolder>().TrustedRoots, "note.pem");
        await File.WriteAllTextAsync(path, "no certificate", Cancel);

        var line = Line(await ExamineAsync(gateway), "own-roots");

        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.Contains(path, line.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, DoctorMark.Passed, "agrees with that of 127.0.0.1")]
    [InlineData(3, DoctorMark.Warned, "3 minutes ahead of that of 127.0.0.1")]
    [InlineData(-60 * 24 * 400, DoctorMark.Failed, "400 days behind that of 127.0.0.1")]
    public async Task A_wrong_clock_is_measured_against_the_sign_in_service(int minutes, DoctorMark mark, string sentence)
    {
        await using var gateway = await LabGateway.StartAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(minutes));

        var line = Line(await ExamineAsync(gateway, time), "clock");

        Assert.Equal(mark, line.Mark);
        Assert.Contains(sentence, line.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gateways_own_certificate_is_judged_by_the_clock()
    {
        await using var gateway = await LabGateway.StartAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(11));

        var line = Line(await ExamineAsync(gateway, time), "own-certificate");

        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.Contains("server.pem", line.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_network_the_first_fault_is_named_and_the_rest_points_to_it()
    {
        await using var gateway = await SignedInAsync();
        await SaveAsync(gateway, gateway.Account with { Host = "smtp.nowhere.invalid", OAuth = gateway.Account.OAuth with { Token = "https://login.nowhere.invalid/token", DeviceAuthorization = "https://login.nowhere.invalid/code" } });

        var report = await ExamineAsync(gateway);

        Assert.Equal(["sign-in-name", "mail-name"], report.Lines.Where(line => line.Account.Length > 0 && line.Mark == DoctorMark.Failed).Select(line => line.Key));
        Assert.Equal(DoctorMark.Unknown, Line(report, "clock").Mark);
        Assert.All(report.Lines.Where(line => line.Key is "sign-in-route" or "mail-route" or "device-code" or "token" or "smtp-auth" or "sender"),
            line => Assert.Equal(DoctorMark.Unknown, line.Mark));
    }

    [Fact]
    public async Task A_port_where_nothing_listens_is_a_matter_of_the_firewall()
    {
        await using var gateway = await SignedInAsync();
        await SaveAsync(gateway, gateway.Account with { Port = Parts.FreePort.Next() });

        var line = Line(await ExamineAsync(gateway), "mail-route");

        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.Contains($"allows TCP port {gateway.Account.Port}", line.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proof_is_asked_for_without_a_secret_and_the_sender_without_a_mail()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer();
        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.Off, Port = server.Port, Security = ConnectionSecurity.None });

        var report = await ExamineAsync(gateway);

        Assert.Equal(DoctorMark.Warned, Line(report, "mail-tls").Mark);
        Assert.Equal(DoctorMark.Passed, Line(report, "sender").Mark);
        Assert.Equal(["EHLO", "QUIT", "EHLO", "MAIL", "RSET", "QUIT"], server.Commands.Select(command => command.Split(' ')[0]));
    }

    [Fact]
    public async Task A_refused_sender_fails_with_the_servers_words()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer();
        server.Say("MAIL", "550 5.7.60 Client does not have permissions to send as this sender");
        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.Off, Port = server.Port, Security = ConnectionSecurity.None });

        var line = Line(await ExamineAsync(gateway), "sender");

        Assert.Equal(DoctorMark.Failed, line.Mark);
        Assert.Contains("5.7.60", line.ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_nearly_full_and_a_folder_that_is_open_are_said()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var gateway = await LabGateway.StartAsync();
        var folder = gateway.Services.GetRequiredService<DataFolder>().Path;
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await gateway.Services.GetRequiredService<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["queue.min-free-space"] = "1099511627776" });

        var report = await ExamineAsync(gateway);

        Assert.Equal(DoctorMark.Failed, Line(report, "data-folder-space").Mark);
        Assert.Equal(DoctorMark.Failed, Line(report, "data-folder-rights").Mark);
        Assert.Contains($"chmod 0750 {folder}", Line(report, "data-folder-rights").Ways.SelectMany(way => way.Lines));
    }

    [Fact]
    public async Task Cancelling_ends_it_and_the_lines_that_are_left_say_so()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer();
        server.Say("", "220 server.test ESMTP", "silent");
        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.Off, Port = server.Port, Security = ConnectionSecurity.None });
        var run = gateway.Services.GetRequiredService<DoctorVisits>().Start(null);
        await LabGateway.EventuallyAsync(() => server.Connections > 1);

        run.Cancel();

        await LabGateway.EventuallyAsync(() => run.IsFinished);
        Assert.Equal("The mail server accepts the sender: cancelled before it was looked at.", Line(run.Report, "sender").Sentence);
        Assert.Equal(DoctorMark.Passed, Line(run.Report, "mail-name").Mark);
    }

    internal static DoctorLine Line(DoctorReport report, string key) => Assert.Single(report.Lines, line => line.Key == key);

    /// <summary>As the gateway makes its folder itself; that of a test was there before.</summary>
    internal static void Close(string folder)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task<LabGateway> SignedInAsync()
    {
        var gateway = await LabGateway.StartAsync();
        Close(gateway.Services.GetRequiredService<DataFolder>().Path);
        await gateway.SignInAsync();
        return gateway;
    }

    /// <summary>The same with Microsoft Graph as an interface.</summary>
    private static async Task<LabGateway> SignedInAsync(TransportChoice by)
    {
        var gateway = await SignedInAsync();
        await gateway.UseGraphAsync(account => account with { Transport = by });
        await gateway.SignInAsync();
        return gateway;
    }

    private static async Task SaveAsync(LabGateway gateway, Account account) =>
        Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(account));

    private static Task<DoctorReport> ExamineAsync(LabGateway gateway) => gateway.Services.GetRequiredService<DoctorVisits>().ExamineAsync(null, Cancel);

    /// <summary>By another clock than the gateway's.</summary>
    private static async Task<DoctorReport> ExamineAsync(LabGateway gateway, TimeProvider time)
    {
        var run = new DoctorRun("", "", new DoctorPlans(DoctorSetup.PartsOf(gateway.Services, time)).For([gateway.Account]));
        await run.GoAsync(TimeProvider.System, Cancel);
        return run.Report;
    }
}
