using System.CommandLine;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using DeviceMail.Messages;
using DeviceMail.Network;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.EmailServer;

/// <summary>The connection test: what it finds, what it advises, and to whom it shows no secret.</summary>
public sealed class ConnectionTestTests
{
    private const string Password = "correct-horse-7421";

    [Fact]
    public async Task Every_step_is_walked_and_nothing_is_sent()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var run = await TestAsync(gateway, new(gateway.Account, gateway.Account));

        Assert.True(run.Passed);
        Assert.Equal(["name", "connect", "greeting", "encryption", "token", "sign-in", "sender", "goodbye"], run.Steps.Select(step => step.Key));
        Assert.All(run.Steps, step => Assert.Equal("ok", step.Mark));
        var encryption = run.Steps.Single(step => step.Key == "encryption");
        Assert.Contains("TLS 1.3", encryption.Sentence, StringComparison.Ordinal);
        Assert.Contains("Subject: CN=smtp.lab.test", encryption.Details);
        Assert.Contains("Issuer: CN=PRETEND lab root", encryption.Details);
        Assert.Contains(encryption.Details, line => line.StartsWith("Good from ", StringComparison.Ordinal));
        Assert.StartsWith("220 ", Assert.Single(run.Steps.Single(step => step.Key == "greeting").Details), StringComparison.Ordinal);
        Assert.Empty(gateway.Lab.Mailboxes["anna@contoso.example"]);
        Assert.Equal(0, gateway.Lab.Counters.Refreshes);
    }

    [Fact]
    public async Task A_test_mail_is_sent_when_it_is_asked_for()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var run = await TestAsync(gateway, new(gateway.Account, gateway.Account) { MailTo = MailAddress.Parse("anna@contoso.example") });
        Assert.True(run.Passed);
        var mail = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal("Test mail of DeviceMail", mail.Content.Header("Subject"));
        Assert.Equal("auto-generated", mail.Content.Header("Auto-Submitted"));
    }

    [Fact]
    public async Task A_capture_server_gets_no_byte_of_the_sign_in()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await using var capture = new ScriptedServer { Extensions = ["AUTH XOAUTH2 OAUTHBEARER PLAIN LOGIN"] };
        var account = gateway.Account;
        var run = await TestAsync(gateway, new(account with { Port = capture.Port, Security = ConnectionSecurity.None }, account));

        Assert.Equal("warn", run.Steps.Single(step => step.Key == "token").Mark);
        Assert.True(capture.Connections > 0);
        Assert.Equal(["EHLO", "QUIT"], capture.Commands.Select(line => line.Split(' ')[0]).Distinct());
        Assert.Equal(0, gateway.Lab.Counters.Refreshes);
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(account.Id));
        await gateway.HandInAsync("still good", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task A_capture_server_gets_no_byte_of_the_stored_password()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var capture = new ScriptedServer { Extensions = ["AUTH PLAIN LOGIN"] };
        var account = await WithPasswordAsync(gateway, 2525);
        var run = await TestAsync(gateway, new(account with { Port = capture.Port }, account));

        Assert.Equal("warn", run.Steps.Single(step => step.Key == "sign-in").Mark);
        Assert.Equal(["EHLO", "QUIT"], capture.Commands.Select(line => line.Split(' ')[0]).Distinct());
        Assert.NotNull(gateway.Services.GetRequiredService<PasswordKeeper>().Find(account));
    }

    [Fact]
    public async Task The_stored_password_is_used_where_it_was_stored_for_and_a_typed_one_where_it_was_typed()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer { Extensions = ["AUTH PLAIN"] };
        await using var other = new ScriptedServer { Extensions = ["AUTH PLAIN"] };
        server.Say("AUTH", "235 2.7.0 ok");
        other.Say("AUTH", "235 2.7.0 ok");
        var account = await WithPasswordAsync(gateway, server.Port);
        var run = await TestAsync(gateway, new(account, account));
        Assert.True(run.Passed);
        Assert.Contains(server.Commands, line => Decoded(line).Contains(Password, StringComparison.Ordinal));

        run = await TestAsync(gateway, new(account with { Port = other.Port }, account) { TypedPassword = new Secret("typed-for-this") });
        Assert.True(run.Passed);
        Assert.Contains(other.Commands, line => Decoded(line).Contains("typed-for-this", StringComparison.Ordinal));
        Assert.DoesNotContain(other.Commands, line => Decoded(line).Contains(Password, StringComparison.Ordinal));
        Assert.Null(run.Subject.TypedPassword);
    }

    [Fact]
    public async Task A_name_without_an_address_names_the_field_and_offers_the_providers_server()
    {
        await using var gateway = await LabGateway.StartAsync();
        var account = gateway.Account with { Provider = "exchange-online", Host = "smtp.invalid" };
        var step = await FailsAsync(gateway, account, "name");
        Assert.Contains(FieldLink.Server, step.Fault!.Fields);
        Assert.Equal("smtp.office365.com", Assert.Single(step.Fault.Fixes).Apply(account).Host);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_names_the_field_and_offers_587()
    {
        await using var gateway = await LabGateway.StartAsync();
        var account = gateway.Account with { Port = FreePort.Next() };
        var step = await FailsAsync(gateway, account, "connect");
        Assert.Contains(FieldLink.Port, step.Fault!.Fields);
        Assert.Equal(587, Assert.Single(step.Fault.Fixes).Apply(account).Port);
    }

    [Fact]
    public async Task A_server_without_starttls_names_secure_connection()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer();
        var account = gateway.Account with { Port = server.Port };
        var step = await FailsAsync(gateway, account, "encryption");
        Assert.Contains(FieldLink.Secure, step.Fault!.Fields);
        var better = Assert.Single(step.Fault.Fixes).Apply(account);
        Assert.Equal((465, ConnectionSecurity.SslTls), (better.Port, better.Security));
    }

    [Fact]
    public async Task A_server_that_begins_in_clear_offers_starttls_in_place_of_ssl()
    {
        await using var gateway = await LabGateway.StartAsync();
        var account = gateway.Account with { Security = ConnectionSecurity.SslTls };
        var step = await FailsAsync(gateway, account, "encryption");
        var fix = step.Fault!.Fixes[0];
        Assert.Equal("Test with STARTTLS", fix.Words);
        Assert.True((await TestAsync(gateway, new(fix.Apply(account), gateway.Account))).Steps.Single(one => one.Key == "encryption").Mark == "ok");
    }

    [Fact]
    public async Task A_server_that_turns_the_gateway_away_is_quoted()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer();
        server.Say("", "554 5.7.1 go away");
        var step = await FailsAsync(gateway, gateway.Account with { Port = server.Port }, "greeting");
        Assert.Contains("go away", step.Fault!.ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_fault_of_a_certificate_has_its_own_remedy()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        await gateway.Services.GetRequiredService<CaCertificates>().ImportAsync(await File.ReadAllBytesAsync(authority.RootFile, TestContext.Current.CancellationToken));
        foreach (var (certificate, field, words) in new[]
        {
            (authority.WrongName, FieldLink.Server, "not made out to 127.0.0.1"), (authority.Expired, FieldLink.DateAndTime, "It ended on"),
            (authority.Rogue, FieldLink.CaCertificate, "does not know"),
        })
        {
            await using var server = new TlsServer(certificate);
            var step = await FailsAsync(gateway, gateway.Account with { Port = server.Port, Security = ConnectionSecurity.SslTls }, "encryption");
            Assert.Equal([field], step.Fault!.Fields);
            Assert.Contains(words, step.Fault.Remedy, StringComparison.Ordinal);
            Assert.Contains("Subject: ", step.Fault.ServerWords, StringComparison.Ordinal);
        }
        await using var good = new TlsServer(authority.Good);
        var run = await TestAsync(gateway, new(gateway.Account with { Port = good.Port, Security = ConnectionSecurity.SslTls, Method = AuthenticationMethod.Off }, gateway.Account));
        Assert.True(run.Passed);
        Assert.Equal(["name", "connect", "encryption", "greeting", "sign-in", "sender", "goodbye"], run.Steps.Select(step => step.Key));
    }

    [Fact]
    public async Task Where_SMTP_is_refused_the_test_says_that_mail_goes_by_Graph_and_what_would_open_SMTP()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync();
        await gateway.SignInAsync();
        Assert.Equal("ok", (await TestAsync(gateway, new(gateway.Account, gateway.Account))).Steps.Single(step => step.Key == "graph").Mark);
        gateway.Lab.Switches.SecurityDefaults = true;
        var run = await TestAsync(gateway, new(gateway.Account, gateway.Account));
        Assert.Equal(("bad", "ok"), (run.Steps.Single(step => step.Key == "sign-in").Mark, run.Steps.Single(step => step.Key == "graph").Mark));
        Assert.True(run is { Passed: true, GoesByGraph: true });
    }

    [Fact]
    public async Task By_Graph_alone_the_test_asks_Graph_and_sends_the_test_mail_that_way()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph });
        await gateway.SignInAsync();
        var run = await TestAsync(gateway, new(gateway.Account, gateway.Account) { MailTo = MailAddress.Parse("anna@contoso.example") });
        Assert.Equal(["graph ok", "token ok", "mail ok"], run.Steps.Select(step => $"{step.Key} {step.Mark}"));
        Assert.Equal("graph", (await gateway.ArrivesAsync("anna@contoso.example")).Envelope.Way);
        gateway.Lab.Switches.GraphAccessDenied = true;
        run = await TestAsync(gateway, new(gateway.Account, gateway.Account) { MailTo = MailAddress.Parse("anna@contoso.example") });
        Assert.Contains("Mail.Send", run.Steps.Single(step => step.Mark == "bad").Fault!.Remedy, StringComparison.Ordinal);
        // Another address of Graph is not shown the token.
        run = await TestAsync(gateway, new(gateway.Account with { GraphAddress = $"http://127.0.0.1:{gateway.Lab.Web.Port}/elsewhere" }, gateway.Account));
        Assert.Equal("warn", run.Steps.Single(step => step.Key == "token").Mark);
        Assert.False(run.GoesByGraph);
    }

    [Fact]
    public async Task A_certificate_that_nobody_checks_is_a_warning()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.Rogue);
        var account = gateway.Account with { Port = server.Port, Security = ConnectionSecurity.SslTls, Method = AuthenticationMethod.Off, VerifiesCertificate = false };
        var step = (await TestAsync(gateway, new(account, gateway.Account))).Steps.Single(one => one.Key == "encryption");
        Assert.Equal("warn", step.Mark);
        Assert.Equal([FieldLink.Validation], step.Fault!.Fields);
    }

    [Fact]
    public async Task Smtp_auth_switched_off_gives_the_line_to_run()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        var step = await FailsAsync(gateway, gateway.Account, "sign-in");
        Assert.Equal("Set-CASMailbox -Identity scan@contoso.example -SmtpClientAuthenticationDisabled $false", step.Fault!.Line);
        Assert.Contains("SmtpClientAuthentication is disabled", step.Fault.ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Security_defaults_give_no_line_to_run_since_the_mailboxs_switch_does_not_win_over_them()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SecurityDefaults = true;
        var step = await FailsAsync(gateway, gateway.Account, "sign-in");
        Assert.Null(step.Fault!.Line);
        Assert.Contains("grants Mail.Send at Microsoft Graph", step.Fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_sign_in_is_found_and_sent_to_sign_in()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.RestartAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        var step = await FailsAsync(gateway, gateway.Account, "token");
        Assert.Equal([FieldLink.SignIn], step.Fault!.Fields);
        Assert.Contains("AADSTS50173", step.Fault.ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_sender_offers_the_account_that_signs_in()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var server = new ScriptedServer();
        server.Say("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender");
        var account = gateway.Account with
        {
            Port = server.Port,
            Security = ConnectionSecurity.None,
            Method = AuthenticationMethod.Off,
            UserName = "scan@contoso.example",
            Address = MailAddress.Parse("copier@contoso.example"),
        };
        var step = await FailsAsync(gateway, account, "sender");
        Assert.Equal([FieldLink.Sender], step.Fault!.Fields);
        Assert.Equal("Add-RecipientPermission copier@contoso.example -Trustee scan@contoso.example -AccessRights SendAs", step.Fault.Line);
        Assert.Equal("scan@contoso.example", Assert.Single(step.Fault.Fixes).Apply(account).Address.ToString());
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task The_command_line_walks_the_same_steps()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var (code, output, _) = await RunAsync(gateway, "accounts", "test", "scan@contoso.example");
        Assert.Equal(0, code);
        Assert.Contains("The server accepted the sender scan@contoso.example", output, StringComparison.Ordinal);
        Assert.Contains("nothing was sent", output, StringComparison.Ordinal);

        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        (code, output, var error) = await RunAsync(gateway, "accounts", "test", "scan@contoso.example");
        Assert.Equal(1, code);
        Assert.Contains("FAILED  The server refused the account scan@contoso.example", output, StringComparison.Ordinal);
        Assert.Contains("Line to run: Set-CASMailbox", output, StringComparison.Ordinal);
        Assert.Contains("cannot go out", error, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(gateway, "accounts", "test", "nobody@contoso.example")).Code);
    }

    private static async Task<ConnectionTestRun> TestAsync(LabGateway gateway, ConnectionTestSubject subject)
    {
        var (run, done) = gateway.Services.GetRequiredService<ConnectionTests>().Start(subject);
        await done.WaitAsync(TestContext.Current.CancellationToken);
        return run;
    }

    /// <summary>The step that fails; those before it are good, those after it are not reached.</summary>
    private static async Task<ConnectionTestStep> FailsAsync(LabGateway gateway, Account account, string key)
    {
        var run = await TestAsync(gateway, new(account, gateway.Account));
        Assert.False(run.Passed);
        var step = Assert.Single(run.Steps, one => one.Mark == "bad");
        Assert.Equal(key, step.Key);
        Assert.NotEmpty(step.Fault!.Remedy);
        Assert.DoesNotContain(run.Steps.SkipWhile(one => one.Key != key).Skip(1), one => one.Mark is "ok" or "work" && one.Key != "goodbye");
        return step;
    }

    private static async Task<Account> WithPasswordAsync(LabGateway gateway, int port)
    {
        var account = gateway.Account with { Method = AuthenticationMethod.SmtpAuth, Port = port, Security = ConnectionSecurity.None };
        var saved = Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(account)).Account;
        gateway.Services.GetRequiredService<PasswordKeeper>().Set(saved, new Secret(Password));
        return saved;
    }

    private static string Decoded(string line)
    {
        var last = line.Split(' ')[^1];
        var octets = new byte[last.Length];
        return Convert.TryFromBase64String(last, octets, out var count) ? line + Encoding.UTF8.GetString(octets, 0, count) : line;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(LabGateway gateway, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        var code = await CommandLine.RunAsync([.. arguments, "--data", gateway.DataPath], settings);
        return (code, output.ToString(), error.ToString());
    }
}
