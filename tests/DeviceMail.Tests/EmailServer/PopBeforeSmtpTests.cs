using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using DeviceMail.Queue;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.EmailServer;

/// <summary>Authentication Method: POP before SMTP.</summary>
public sealed class PopBeforeSmtpTests
{
    [Fact]
    public async Task Mail_goes_out_after_a_sign_in_at_the_pop3_server_and_without_one_at_the_smtp_server()
    {
        await using var pop = new ScriptedPop { Password = "right" };
        await using var smtp = new ScriptedServer();
        await using var gateway = await LabGateway.StartAsync();
        await SaveAsync(gateway, pop, smtp, "right");
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => smtp.Messages.Count == 1);
        Assert.Contains("USER device", pop.Commands);
        Assert.Contains("PASS right", pop.Commands);
        Assert.DoesNotContain(smtp.Commands, line => line.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_password_that_the_pop3_server_refuses_holds_the_mail_and_the_smtp_server_is_not_asked()
    {
        await using var pop = new ScriptedPop { Password = "right" };
        await using var smtp = new ScriptedServer();
        await using var gateway = await LabGateway.StartAsync();
        await SaveAsync(gateway, pop, smtp, "wrong");
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "password-refused"));
        Assert.Equal(0, smtp.Connections);
        // Once the password is right the mail goes out by itself.
        await SaveAsync(gateway, pop, smtp, "right");
        await gateway.Queue.TryNowAsync(1);
        await LabGateway.EventuallyAsync(() => smtp.Messages.Count == 1);
    }

    [Fact]
    public async Task Another_pop3_server_gets_nothing_of_the_stored_password()
    {
        await using var pop = new ScriptedPop { Password = "right" };
        await using var smtp = new ScriptedServer();
        await using var gateway = await LabGateway.StartAsync();
        await SaveAsync(gateway, pop, smtp, "right");
        await using var capture = new ScriptedPop { Password = "right" };
        var desk = gateway.Services.GetRequiredService<EmailServerDesk>();
        var form = Form(gateway.Account, capture, smtp);
        var refused = Assert.IsType<DeskOutcome.Refused>(await desk.SaveAsync(gateway.Account, form, new TypedSecrets(null)));
        Assert.Equal("password", refused.Fault.Field);
        // By another way, such as the command line, the address can be changed: then the password is gone.
        Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(gateway.Account with { PopPort = capture.Port }));
        Assert.Null(gateway.Services.GetRequiredService<PasswordKeeper>().Find(gateway.Account));
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "password-refused"));
        Assert.Empty(capture.Commands);
    }

    private static async Task SaveAsync(LabGateway gateway, ScriptedPop pop, ScriptedServer smtp, string password) =>
        Assert.IsType<DeskOutcome.Done>(await gateway.Services.GetRequiredService<EmailServerDesk>().SaveAsync(gateway.Account, Form(gateway.Account, pop, smtp), new TypedSecrets(new Secret(password))));

    private static BasicForm Form(Account account, ScriptedPop pop, ScriptedServer smtp) => BasicForm.Of(account) with
    {
        Method = nameof(AuthenticationMethod.PopBeforeSmtp),
        UserName = "device",
        Host = "127.0.0.1",
        Port = $"{smtp.Port}",
        Security = nameof(ConnectionSecurity.None),
        PopHost = "127.0.0.1",
        PopPort = $"{pop.Port}",
    };
}
