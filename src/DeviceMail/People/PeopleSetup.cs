namespace DeviceMail.People;

public static class PeopleSetup
{
    public static void AddPeople(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PersonRegister>();
        builder.Services.AddSingleton<PersonSignIns>();
    }
}
