namespace DeviceMail.Settings;

public static class SettingsSetup
{
    public static void AddSettings(this WebApplicationBuilder builder) => builder.Services.AddSingleton<SettingsStore>();
}
