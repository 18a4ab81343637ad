using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Control;

/// <summary>What holds for every command: wrong use is one sentence and 2, refused is one sentence and 1, facts are JSON where that is asked for.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Without_a_service_a_command_sends_nothing_and_says_so()
    {
        using var folder = new Folder();
        await using var server = new ScriptedServer();
        Task<CommandEnd> RunAsync(string arguments) => GatewayDriver.CommandAsync([.. arguments.Split(' '), "--data", folder.Path]);
        Assert.Equal(0, (await RunAsync($"accounts add scan@contoso.example --provider custom --host 127.0.0.1 --port {server.Port} --method off --security none --default")).Code);
        const string remark = "No service runs on this folder: mail goes out when devicemail run starts.";
        Assert.Contains(remark, (await RunAsync("send --from printer@contoso.example --to anna@contoso.example")).Output, StringComparison.Ordinal);
        Assert.Contains("Waiting", (await RunAsync("jobs")).Output, StringComparison.Ordinal);
        Assert.Contains(remark, (await RunAsync("jobs try-now 1")).Output, StringComparison.Ordinal);
        Assert.StartsWith("No service runs on this folder: nothing is taken or sent.", (await RunAsync("status")).Output, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("", "A command is missing. `devicemail --help`")]
    [InlineData("rum", "“rum” is not known here. `devicemail --help`")]
    [InlineData("status extra", "“extra” is not known here. `devicemail status --help`")]
    [InlineData("run --smtp printer", "--smtp cannot be “printer”")]
    [InlineData("run --smtp", "--smtp needs a value. `devicemail run --help`")]
    [InlineData("run --web 70000", "--web cannot be “70000”")]
    [InlineData("run --log loud", "--log cannot be “loud”")]
    [InlineData("run --colour blue", "“--colour” is not known here. `devicemail run --help`")]
    [InlineData("run --data", "--data needs a value.")]
    [InlineData("lab --smtp x", "--smtp cannot be “x”: it must be a port")]
    [InlineData("lab --web x", "--web cannot be “x”: it must be ADDRESS:PORT or PORT")]
    [InlineData("jobs --count x", "--count cannot be “x”: it must be a whole number. `devicemail jobs --help`")]
    [InlineData("jobs --count 0", "--count cannot be 0: it must be from 1 to 500")]
    [InlineData("jobs --state sideways", "--state cannot be “sideways”: it must be waiting, sending, held, sent, failed or cancelled")]
    [InlineData("jobs show", "<job> is missing. `devicemail jobs show --help`")]
    [InlineData("jobs show x", "<job> cannot be “x”: it must be a whole number. `devicemail jobs show --help`")]
    [InlineData("settings", "A command is missing. `devicemail settings --help`")]
    [InlineData("settings set queue.give-up-after", "<value> is missing. `devicemail settings set --help`")]
    [InlineData("send", "--from is missing. `devicemail send --help`")]
    [InlineData("send --from a@b.example", "--to is missing. `devicemail send --help`")]
    [InlineData("accounts add", "<address> is missing. `devicemail accounts add --help`")]
    [InlineData("accounts add a@b.example --port x", "--port cannot be “x”: it must be a whole number. `devicemail accounts add --help`")]
    [InlineData("accounts add a@b.example --no-verify perhaps", "“perhaps” is not known here.")]
    public async Task Wrong_use_is_one_sentence_and_2(string arguments, string sentence)
    {
        var end = await GatewayDriver.CommandAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, end.Code);
        Assert.StartsWith(sentence, end.Error, StringComparison.Ordinal);
        Assert.Single(end.Error.TrimEnd().Split('\n'));
        Assert.Empty(end.Output);
    }

    [Fact]
    public async Task Refused_is_one_sentence_and_1_with_a_service_and_without_one()
    {
        await using var gateway = await Gateway.StartAsync();
        using var alone = new Folder();
        foreach (var arguments in (string[])
        [
            "jobs show 99", "jobs cancel 99", "jobs try-now 99", "settings get nope", "settings set nope 1", "settings set queue.give-up-after 1x",
            "settings import /nowhere/settings.json", "send --from a --to b@c.example", "send --from a@b.example --to c",
            "send --from a@b.example --to b@c.example --attach /nowhere/scan.pdf", "accounts add x", "accounts add a@b.example --port 99999",
            "accounts add a@b.example --security loud", "accounts set z@b.example", "accounts default z@b.example", "accounts remove z@b.example",
            "signin z@b.example", "signout z@b.example", "devices allow x", "devices allow 192.0.2.0/24 --habit +zzz", "devices habits nope --set +lf",
            "devices remove nope", "devices add d --password-file /nowhere/password",
        ])
        {
            foreach (var end in (CommandEnd[])[await gateway.RunAsync(arguments.Split(' ')), await GatewayDriver.CommandAsync([.. arguments.Split(' '), "--data", alone.Path])])
            {
                Assert.True(end.Code == 1 && end.Output.Length == 0, $"{arguments}: {end}");
                Assert.True(end.Error.TrimEnd().Split('\n').Length == 1 && end.Error.TrimEnd() is [.., '.'], $"{arguments}: {end}");
            }
        }
    }

    [Fact]
    public async Task An_argument_that_may_be_left_out_can_be_left_out()
    {
        using var alone = new Folder();
        foreach (var arguments in (string[])["signin", "signout", "settings get"])
        {
            var end = await GatewayDriver.CommandAsync([.. arguments.Split(' '), "--data", alone.Path]);
            Assert.True(end.Code is 0 or 1 && !end.Error.Contains("fault of its own", StringComparison.Ordinal), $"{arguments}: {end}");
        }
    }

    [Fact]
    public async Task A_change_that_deletes_the_sign_in_says_so()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        const string deleted = "The former sign-in was deleted";
        Assert.DoesNotContain(deleted, (await gateway.RunAsync("accounts", "set", Gateway.Mailbox, "--connections", "2")).Output, StringComparison.Ordinal);
        Assert.Contains(deleted, (await gateway.RunAsync("accounts", "set", Gateway.Mailbox, "--client-id", "11111111-2222-4333-8444-555555555555")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Facts_are_json_and_nothing_else_with_a_service_and_without_one()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.HandInAsync("a job", "anna@contoso.example");
        foreach (var arguments in (string[])
        [
            "version", "status", "jobs", "jobs show 1", "jobs --state waiting", "accounts", "devices", "settings get", "settings get queue.keep-history",
            "settings export", "settings set queue.keep-history 91d", "claim", "jobs release", "accounts pause scan@contoso.example",
            "devices habits printer --set +helo", "send --from a@b.example --to b@c.example",
        ])
        {
            (await gateway.AskAsync(arguments.Split(' '))).ToString();
        }
        using var alone = new Folder();
        foreach (var arguments in (string[])["version", "status", "jobs", "accounts", "devices", "settings get", "settings export", "claim", "jobs release"])
        {
            var end = await GatewayDriver.CommandAsync([.. arguments.Split(' '), "--json", "--data", alone.Path]);
            Assert.True(end.Code == 0 && end.Error.Length == 0, $"{arguments}: {end}");
            JsonElement.Parse(end.Output);
        }
    }

    [Fact]
    public void Every_command_argument_and_option_says_what_it_is()
    {
        foreach (var command in All(CommandLine.Create()))
        {
            Assert.False(string.IsNullOrEmpty(command.Description), $"{command.Name} has no description");
            foreach (var option in command.Options) Assert.False(string.IsNullOrEmpty(option.Description), $"{command.Name} {option.Name} has no description");
        }
    }

    [Fact]
    public async Task A_port_in_use_names_the_option_and_is_1()
    {
        using var folder = new Folder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var end = await GatewayDriver.CommandAsync("run", "--data", folder.Path, "--smtp", "off", "--smtps", "off", "--http", "off", "--web", $"{taken.LocalEndpoint}");
        Assert.Equal(1, end.Code);
        Assert.Contains($"{taken.LocalEndpoint} already; choose another port with --web", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_tells_of_a_service_that_is_gone_in_the_middle()
    {
        using var folder = new Folder();
        // A folder that is owned, with nobody behind its socket.
        using var owner = DeviceMail.Storage.DataFolder.Open(folder.Path);
        var end = await GatewayDriver.CommandAsync("status", "--data", folder.Path);
        Assert.Equal(1, end.Code);
        Assert.StartsWith("The service does not answer", end.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    [Fact]
    public async Task Names_with_a_slash_can_be_taken_back()
    {
        using var folder = new Folder();
        Task<CommandEnd> RunAsync(params string[] arguments) => GatewayDriver.CommandAsync([.. arguments, "--data", folder.Path]);
        Assert.Equal(0, (await RunAsync("devices", "allow", "192.0.2.7", "--name", "HP M479/fdw")).Code);
        Assert.Contains("“HP M479/fdw” may no longer send", (await RunAsync("devices", "remove", "HP M479/fdw")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("accounts", "add", "a/b@c.example", "--provider", "custom", "--host", "127.0.0.1", "--method", "off", "--security", "none")).Code);
        Assert.Contains("a/b@c.example is gone", (await RunAsync("accounts", "remove", "a/b@c.example")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[::1]:2525", "[::1]:2525")]
    [InlineData("[::]:2525", "[::]:2525")]
    [InlineData("127.0.0.1:25", "127.0.0.1:25")]
    [InlineData("localhost:25", "127.0.0.1:25")]
    [InlineData("::1", null)]
    [InlineData("[::1]", null)]
    [InlineData("127.0.0.1", null)]
    public void An_address_to_listen_on_needs_its_port(string text, string? address) =>
        Assert.Equal(address, DeviceMail.Settings.StartConfiguration.TryReadAddress(text, out var read) ? $"{read}" : null);
}
